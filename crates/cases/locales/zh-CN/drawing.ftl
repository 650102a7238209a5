
# 画流程图
dr-new = 画新流程
dr-title = 画流程图：{ $name }（{ $version }）
dr-edit = 画流程图
dr-outline = 用大纲编辑（同样完整，适合键盘和读屏）
dr-save = 交上检查
dr-intro = 画好后交上检查，问题会标在图上并列出来；检查通过后在流程页上填理由发布。没有交上的修改只保存在这台电脑的浏览器里。
dr-no-script = 画图需要浏览器运行脚本。也可以用大纲编辑，或者上传文件：
dr-resume = 接着改
dr-drop = 不要了，用原来的
dr-element = 元素
dr-undo = 撤销
dr-redo = 重做
dr-fit = 看全图
dr-in = 放大
dr-out = 缩小
dr-sheet = 到流程页去发布
dr-canvas = 画布
dr-panel = 所选元素的属性
dr-keys = 键盘操作
dr-keys-list = 在“元素”列表里选中任何一个元素，右边就是它的属性；不用鼠标也能改全部内容。
dr-keys-next = 属性下面的按钮在所选元素后面添加环节，“连到”列表把它连到已有的元素。
dr-keys-canvas = 焦点在画布上时：方向键移动画面，Ctrl 加 + 或 − 缩放，Ctrl+Z 撤销，Ctrl+Y 重做，Delete 删除，H 手形，L 套索，E 直接改名，F 查找。
dr-keys-save = Ctrl+S 交上检查。
dr-keys-outline = 大纲编辑是与画图同等的方式，全部用标题、列表和表单。
