# 搜索、事项列表、办事指南、空白表、事项质量
not-published = 未公布
tag-online = 全程网办
tag-at-once = 即办件
tag-promise = 承诺件
tag-demo = 演示数据
tag-version = 版本 V{ $value }
limit-at-once = 当场办结
limit-working-days = { $n } 个工作日
limit-days = { $n } 个自然日
unit-working-days = { $n ->
   *[other] 个工作日
 }
unit-days = { $n ->
   *[other] 个自然日
 }
unit-times = 次
unit-papers = { $n ->
   *[other] 份材料
 }

# 搜索
search-title = 搜索“{ $q }”
search-label = 搜索事项
search-placeholder = 输入事项名称、俗称或拼音首字母，例如：开饭店、jzz
search-filters = 筛选
search-ways = 按分类找
search-by-organ = 按部门找
search-found = 共 { $n } 项
search-meant = 没有完全相同的词，您是不是要找：
search-relaxed = 没有事项同时包含所有词，下面是最接近的结果。
search-none = 没有找到相关事项
search-none-text = 可以换个说法、少输几个字、用拼音首字母，或者拨打 { $value } 咨询。
sort-best = 按相关程度排序
sort-newest = 按公布时间排序
facet-theme = 主题
facet-theme-value = { $side }·{ $name }
facet-object = 服务对象
facet-depth = 网上办理
facet-organ = 部门
facet-remove = （已选，点击取消）
side-person = 个人
side-legal = 法人
depth-3 = 全程网办
depth-2 = 可网上申请
depth-1 = 网上咨询
depth-0 = 未公布

# 列表
row-promised = 承诺 { $value }
row-visits = 到现场 { $n } 次
row-apply = 在线办理
row-guide = 查看指南
list-all = 全部
list-none = 这里还没有公布事项。
items-title = 全部事项
items-intro = 共 { $n } 项在用事项，按实施编码排列
organ-intro = 共 { $n } 项在用事项
organs-title = 按部门找事项
organs-intro = { $n } 个部门公布了 { $items } 项事项
organs-items = { $n } 项
person-intro = 服务对象含自然人的事项，主题按国家统一分类
enterprise-intro = 服务对象含企业和其他组织的事项，主题按国家统一分类
themes-unpublished = 另有 { $n } 项事项没有公布服务对象和主题，没有列在这里。

# 办事指南
guide-title = { $name } 办事指南
guide-not-published = 国家规定应公布的要素中，有 { $n } 项实施机关还没有公布，页面上写明“未公布”，不作推测。
guide-source = 来源：{ $value }
guide-doubts = 公布的内容前后不一致，请向实施机关核实：
guide-questions = 先答 { $n } 个问题，只看与您有关的内容
guide-unsure = 不确定
guide-update = 更新我的清单
guide-reset = 重新回答
guide-outcome = 按您的情形，需您准备 { $n } 份材料。
guide-outcome-exempt = 另有 { $n } 份由数据共享或电子证照代替，免提交。
guide-outcome-dropped = { $n } 份与您无关，已省略。
guide-materials = 申请材料
guide-my-materials = 我的材料清单
guide-no-materials = 不需要提交材料。
guide-not-needed = 与您的情形无关的 { $n } 份材料
guide-blank-form = 空白申请表
guide-conditions = 受理条件
guide-flow = 办理流程
guide-depts = 参与办理的部门
guide-specials = 特别程序（不计入办理时限）
guide-results = 审批结果
guide-validity = 有效期：{ $value }
guide-laws = 设定依据
guide-law-no-text = 条文内容未公布。
guide-windows = 办理窗口
guide-faq = 常见问题
guide-remedies = 权利与救济
guide-full = 全部公布内容
guide-full-hint = 按国家统一的要素逐项列出，未公布的写明。
guide-entry = 办理入口
guide-apply = 在线办理
guide-apply-hint = 还有情形问题没有回答，申请时可以再答。
guide-login = 登录后在线办理
guide-login-hint = 登录后回到本页，已选的情形会保留。
guide-officer = 工作人员账号不能提交申请，请用个人账号登录。
guide-closed = 暂不能在本平台申请
guide-print = 打印指南
guide-contact = 咨询与监督
guide-ask = 咨询方式
guide-about = 事项信息
guide-code = 实施编码
closed-kind = “{ $name }”不是依申请办理的事项，这里仅供查询。
closed-state = 该事项已{ $name }。
closed-not-yet = 该版本自 { $value } 起施行。
closed-ended = 该版本已于 { $value } 取消。
closed-elsewhere = 该事项还没有接入本平台，请按指南所列渠道办理。
closed-choose = 请选择要办理的业务办理项。
fact-limit = 办结时限
fact-limit-note = 划去的是法定时限，其后是承诺时限；特别程序的时间不计入。
fact-visits = 到现场次数
fact-bring = 需您准备
fact-fee = 收费
fee-free = 不收费
effort-exempt = 免提交
effort-filled = 在线填写生成
effort-commitment = 可承诺
effort-later = 可容缺后补
effort-conditional = 视情况提交
effort-depends = 回答情形后确定
effort-bring = 需您提交
mat-name = 材料
mat-effort = 怎么来
mat-form = 形式
mat-trust = 可信等级
win-addr = 办理地点
win-time = 办理时间
win-tel = 联系电话
win-traffic = 交通指引
rem-review = 行政复议
rem-litigation = 行政诉讼
rem-complaint = 监督投诉

# 空白申请表
sample-intro = 可以打印后手工填写，带到大厅窗口；在线办理时不需要打印。
sample-print = 打印
sample-back = 返回办事指南
sample-to = 受理机关：{ $name }
sample-repeats = （有几个填几组，可另附页）
sample-blank = 空白
sample-materials = 随表提交的材料
sample-sign = 申请人（签名或盖章）：＿＿＿＿＿＿＿＿
sample-date = ＿＿＿＿年＿＿月＿＿日

# 事项质量
quality-title = 事项质量
quality-intro = 对所有在用事项按国家要素和校核规则逐项检查：错误会影响群众办事，应由事项管理员更正。
quality-items = 事项数
quality-publishable = 没有错误
quality-clean = 没有任何提示
quality-accuracy = 指南准确率
quality-rules = 规则命中
quality-rule = 规则
quality-errors = 错误
quality-warnings = 提示
quality-missing = 应公布而未公布的要素
quality-element = 要素
quality-list = 逐项检查结果
quality-all-organs = 全部部门
quality-item = 事项
quality-found = 检查结果
quality-counts = 错误 { $errors } 处，提示 { $warnings } 处
quality-ok = 没有问题
quality-more = 还有 { $n } 处
quality-share = 占全部事项的百分之 { $n }
