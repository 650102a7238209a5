
# Drawing processes
dr-new = Draw a new process
dr-title = Drawing: { $name } ({ $version })
dr-edit = Draw
dr-outline = Edit as an outline (just as complete; for keyboard and screen reader)
dr-save = Hand in for checking
dr-intro = Hand the drawing in when it is ready: findings are marked on the canvas and listed. Then publish it, with a reason, on the page of the process. What was not handed in is kept in this browser only.
dr-no-script = Drawing needs scripts. You can also edit the outline, or upload a file:
dr-resume = Go on with it
dr-drop = Drop it
dr-element = Element
dr-undo = Undo
dr-redo = Redo
dr-fit = Whole picture
dr-in = Larger
dr-out = Smaller
dr-sheet = To the page where it is published
dr-canvas = Canvas
dr-panel = Properties of the selected element
dr-keys = Keyboard
dr-keys-list = Choose any element in the list “Element”: its properties stand beside the canvas. Everything can be changed without a mouse.
dr-keys-next = The buttons below the properties add a step behind the selected element; the list “Connect to” connects it to one that exists.
dr-keys-canvas = With the focus on the canvas: arrow keys move the view, Ctrl and + or − change its size, Ctrl+Z undoes, Ctrl+Y redoes, Delete removes, H hand, L lasso, E edit the name, F find.
dr-keys-save = Ctrl+S hands in for checking.
dr-keys-outline = The outline is an equal way: headings, lists and forms.
