# Search, lists of items, guides, blank forms, quality of items
not-published = Not published
tag-online = Wholly online
tag-at-once = Done at once
tag-promise = Within a promised time
tag-demo = Demonstration data
tag-version = Version { $value }
limit-at-once = At once
limit-working-days = { $n ->
    [one] 1 working day
   *[other] { $n } working days
 }
limit-days = { $n ->
    [one] 1 day
   *[other] { $n } days
 }
unit-working-days = { $n ->
    [one] working day
   *[other] working days
 }
unit-days = { $n ->
    [one] day
   *[other] days
 }
unit-times = times
unit-papers = { $n ->
    [one] document
   *[other] documents
 }

# Search
search-title = Search for “{ $q }”
search-label = Search services
search-placeholder = Name of a service in Chinese, in everyday words or by pinyin initials, e.g. jzz
search-filters = Filters
search-ways = Find by kind
search-by-organ = By department
search-found = { $n ->
    [one] 1 service
   *[other] { $n } services
 }
search-meant = These very words are found nowhere. Did you mean:
search-relaxed = No service has all the words; these are the nearest.
search-none = No service found
search-none-text = Try other or fewer words or pinyin initials, or call { $value }.
sort-best = Best first
sort-newest = Latest first
facet-theme = Theme
facet-theme-value = { $side } · { $name }
facet-object = Served
facet-depth = Online
facet-organ = Department
facet-remove = (chosen, press to remove)
side-person = Persons
side-legal = Organisations
depth-3 = Wholly online
depth-2 = Apply online
depth-1 = Ask online
depth-0 = Not published

# Lists
row-promised = Promised: { $value }
row-visits = { $n ->
    [0] No visit
    [one] 1 visit
   *[other] { $n } visits
 }
row-apply = Apply online
row-guide = Guide
list-all = All
list-none = No services are published here yet.
items-title = All services
items-intro = { $n } services in force, by their codes
organ-intro = { $n ->
    [one] 1 service in force
   *[other] { $n } services in force
 }
organs-title = Services by department
organs-intro = { $n } departments with { $items } services
organs-items = { $n ->
    [one] 1 service
   *[other] { $n } services
 }
person-intro = Services for natural persons, by the national themes
enterprise-intro = Services for enterprises and other organisations, by the national themes
themes-unpublished = { $n } more services do not publish whom they serve, so they are not listed here.

# Guide
guide-title = Guide: { $name }
guide-not-published = Of what has to be published, { $n } things are missing. They are marked “not published”; nothing is guessed.
guide-source = Source: { $value }
guide-doubts = What is published contradicts itself. Please ask the department:
guide-questions = { $n ->
    [one] Answer 1 question and see only what concerns you
   *[other] Answer { $n } questions and see only what concerns you
 }
guide-unsure = Not sure
guide-update = Update my list
guide-reset = Start again
guide-outcome = { $n ->
    [0] In your situation you need not prepare any document.
    [one] In your situation you prepare 1 document.
   *[other] In your situation you prepare { $n } documents.
 }
guide-outcome-exempt = { $n } more are replaced by shared data or electronic licences.
guide-outcome-dropped = { $n } do not concern you and are left out.
guide-materials = Documents
guide-my-materials = My documents
guide-no-materials = No documents are needed.
guide-not-needed = { $n } documents that do not concern you
guide-blank-form = Blank form
guide-conditions = Conditions
guide-flow = How it goes
guide-depts = Departments that take part
guide-specials = Special procedures (their time does not count)
guide-results = Result
guide-validity = Valid: { $value }
guide-laws = Legal basis
guide-law-no-text = The text of the article is not published.
guide-windows = Service windows
guide-faq = Questions
guide-remedies = Rights and remedies
guide-full = Everything published
guide-full-hint = All elements of the national model; what is not published is said.
guide-entry = Apply
guide-apply = Apply online
guide-apply-hint = Some questions are open; they can be answered while you apply.
guide-login = Log in and apply
guide-login-hint = You come back to this page and your answers are kept.
guide-officer = An officer's account cannot apply. Please log in with your own account.
guide-closed = Cannot be applied for here
guide-print = Print this guide
guide-contact = Questions and complaints
guide-ask = Ask
guide-about = About this service
guide-code = Code
closed-kind = “{ $name }” is not done on application; this page is for information.
closed-state = This service is no longer in use ({ $name }).
closed-not-yet = This version holds from { $value }.
closed-ended = This version ended on { $value }.
closed-elsewhere = This service is not connected to this platform yet. Please use the ways in the guide.
closed-choose = Please choose what exactly you apply for.
fact-limit = Time limit
fact-limit-note = Struck through is the legal limit, after it the promised one. Special procedures do not count.
fact-visits = Visits
fact-bring = You prepare
fact-fee = Fee
fee-free = Free of charge
effort-exempt = Not needed from you
effort-filled = Made by the online form
effort-commitment = A promise will do
effort-later = Can follow later
effort-conditional = Depends on the case
effort-depends = Depends on your answers
effort-bring = You hand it in
mat-name = Document
mat-effort = Where it comes from
mat-form = Form
mat-trust = Trust class
win-addr = Address
win-time = Hours
win-tel = Telephone
win-traffic = How to get there
rem-review = Administrative review
rem-litigation = Administrative litigation
rem-complaint = Complaints

# Blank form
sample-intro = To print, fill in by hand and bring to a service hall. Not needed when you apply online.
sample-print = Print
sample-back = Back to the guide
sample-to = To: { $name }
sample-repeats = (one set for each; use further sheets)
sample-blank = blank
sample-materials = Documents handed in with this form
sample-sign = Applicant (signature or seal): ________________
sample-date = Date: ____ - __ - __

# Quality of items
quality-title = Quality of items
quality-intro = All items in force, checked against the national elements and rules. Errors mislead applicants and are corrected by the item manager.
quality-items = Items
quality-publishable = Without errors
quality-clean = Without any finding
quality-accuracy = Accuracy of guides
quality-rules = Rules that hit
quality-rule = Rule
quality-errors = Errors
quality-warnings = Warnings
quality-missing = Required elements that are not published
quality-element = Element
quality-list = Item by item
quality-all-organs = All departments
quality-item = Item
quality-found = Findings
quality-counts = { $errors } errors, { $warnings } warnings
quality-ok = Nothing found
quality-more = { $n } more
quality-share = { $n } percent of all items
