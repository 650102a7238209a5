# Texts of the frame, components, forms and error pages.
skip-to-main = Skip to main content
site-tools = Site tools
demo-banner = Demonstration: people, cases and figures are fictitious; nothing here has legal effect
main-nav = Main navigation
tab-nav = Bottom navigation
breadcrumb = Breadcrumb
nav-home = Home
nav-person = Citizens
nav-enterprise = Business
nav-bundles = Life events
nav-organs = Departments
nav-cases = Track a case
nav-open-data = Open data
nav-my = My space
tab-home = Home
tab-services = Services
tab-progress = Progress
tab-licences = Licences
tab-my = Me
elder-on = Large type
elder-off = Leave large type
contrast-on = High contrast
contrast-off = Leave high contrast
accessibility = Accessibility
language = Language
log-in = Log in
log-out = Log out
register = Register
hello-name = Hello, { $name }
acting-for = on behalf of { $name }
region-current = Current region, select to change:
footer-hotline = Public service hotline
footer-help = Help
footer-trust = Verify
footer-offline = Other ways
footer-guide = Getting started
footer-faq = Frequent questions
footer-feedback = Feedback
footer-sitemap = Site map
footer-verify-licence = Verify a licence
footer-verify-record = Verify a case record
footer-privacy = Privacy and consents
footer-accessibility = Accessibility statement
footer-host = Host: { $name }
footer-undertaker = Operated by: { $name }
footer-site-code = Site code { $value }
footer-request = Page reference { $value }
search = Search
staff-title = Service workbench
staff-nav = Workbench menu
staff-search = Case number / name / credit code
staff-shortcuts = Keyboard shortcuts
staff-notices = { $n ->
    [one] { $n } notice
   *[other] { $n } notices
}

# Words
word-saving = Saving…
word-saved = Saved automatically
word-unsaved = Not saved. Please check the network and try again
word-copied = Copied
word-too-large = The file is too large
word-empty-file = The file is empty
word-optional = {" "}(optional)
word-yes = Yes
word-no = No
word-none = None
word-change = Change
word-delete = Delete
word-view = View
word-download = Download
word-close = Close
word-cancel = Cancel
word-back = Back
word-print = Print
word-more = More
word-verify = Verify
word-upload = Upload
word-select = Please select
word-previous = Previous
word-next = Next
word-filter = Filter
word-clear-filter = Clear filters

# Forms
error-prefix = Error: {""}
error-word = Error: {""}
error-summary = { $n ->
    [one] There is { $n } problem
   *[other] There are { $n } problems
}
form-prefilled = Filled in for you
form-prefilled-hint = from data shared by departments; ask for a correction if it is wrong
form-please = Please fill in
form-count = { $n ->
    [one] { $n } question
   *[other] { $n } questions
}
form-correct = Wrong? Ask for a correction
form-disputed = You asked for a correction
form-withdraw-correction = Withdraw the correction
form-verified = { $name } · verified
form-verified-at = { $name } · { $value }
form-address-division = Division
form-address-detail = Street and number
form-date-year = Year
form-date-month = Month
form-date-day = Day
form-repeat-remove = Remove { $name }
form-repeat-add = Add another { $name }
form-upload-choose = Choose files
form-upload-hint = or drop them here; { $value }, at most { $limit } each
form-upload-count = { $n ->
    [one] At most { $n } file
   *[other] At most { $n } files
}
form-upload-phone = Scan to upload photos from a phone
form-upload-done = Uploaded
form-upload-checking = Being checked
form-upload-refused = Refused by the check
form-upload-template = Blank form
form-upload-sample = Sample
form-grade-a = A usable as is
form-grade-b = B verified, reusable
form-grade-c = C original to be checked
form-grade-d = D written promise
form-used-by = Fill in once, used for: { $name }
form-save-continue = Save and continue
form-save-later = Save and finish later
form-previous = Back

# Components
task-list = Your application
task-done = Completed
task-doing = In progress
task-todo = Not started
task-problem = { $n ->
    [one] { $n } problem
   *[other] { $n } problems
}
task-locked = Cannot start yet
percent-done = { $n } per cent done
steps-label = Stages
step-done = Completed
step-current = In progress
step-waiting = Waiting
ring-unit = days
ring-label = { $n } of { $total } promised working days used
ring-overdue = { $n ->
    [one] { $n } working day over the promised limit
   *[other] { $n } working days over the promised limit
}
ring-paused = The clock is stopped
lamp-green = On time
lamp-yellow = Due soon
lamp-red = Overdue
lamp-grey = Not started
proof = Record { $value }
rate-5 = Very satisfied
rate-4 = Satisfied
rate-3 = Fairly satisfied
rate-2 = Dissatisfied
rate-1 = Very dissatisfied
licence-valid = Valid
licence-expired = Expired
licence-revoked = Revoked
licence-cancelled = Cancelled
licence-suspended = Suspended
licence-no = Licence number { $value }
licence-valid-to = Valid until { $value }
licence-long-term = No expiry
empty-title = Nothing here yet
empty-filtered = Nothing matches
pager-label = Pages
pager-first = Back to the first page
api-docs-title = API documentation
api-docs-intro = The OpenAPI description that the running program generates of itself.
api-parameters = Parameters
api-body = Request body
api-responses = Responses
api-raw = Download OpenAPI JSON

# Preferences
prefs-title = Display settings
prefs-size = Text size
prefs-size-normal = Normal
prefs-size-large = Large type
prefs-contrast = Contrast
prefs-contrast-normal = Normal
prefs-contrast-high = High
prefs-save = Save settings

# Error pages
err-what = What happened
err-do = What you can do
err-saved = What was saved
err-not-saved = This step was not saved. What was saved before is unaffected.
err-nothing-changed = Nothing was changed.
err-request = Request reference
err-time = Time
err-home = Go to the home page
err-login = Log in
err-retry = Try again
err-phone = For help call { $value } and give the request reference.
err-invalid-title = Something you sent is not right
err-invalid-text = Some of it is incomplete or in a wrong format, so nothing was done.
err-invalid-do = Please go back, correct it as indicated and send it again.
err-unauthenticated-title = Please log in first
err-unauthenticated-text = This page needs a log-in, or your log-in has ended.
err-unauthenticated-do = After logging in you return to this page. Saved drafts are kept.
err-not-allowed-title = You may not do this
err-not-allowed-text = You can see what is here, but this step needs another post or identity.
err-not-allowed-do = If you think you should be able to, please ask the administrator or call the hotline.
err-not-found-title = Page not found
err-not-found-text = The address may be wrong, the content may have moved, or it is not yours.
err-not-found-do = Please check the address, or search for a service or case number from the home page.
err-conflict-title = The content has changed
err-conflict-text = While you were working, somebody else or another of your devices changed it.
err-conflict-do = Please go back, refresh the page and check the latest content.
err-too-large-title = What you sent is too large
err-too-large-text = A file or text is larger than allowed.
err-too-large-do = Please compress pictures or split files, or visit a service hall.
err-limited-title = Too many requests
err-limited-text = There were too many requests in a short time. To protect your account we pause briefly.
err-limited-do = Please wait a minute and try again.
err-unavailable-title = The system is busy
err-unavailable-text = Your request cannot be handled at the moment. We are working on it.
err-unavailable-do = Please try again in a few minutes, visit a service hall or call the hotline.
err-storage-full-title = The system has run out of storage
err-storage-full-text = New content cannot be saved at the moment. The staff have been alerted.
err-storage-full-do = Please try again later and keep the page with your entries open.
err-internal-title = Something went wrong on our side
err-internal-text = This is our fault, not yours. It has been recorded.
err-internal-do = Please try again later. If it happens again, call the hotline with the request reference.
err-method-title = This address cannot be opened like this
err-method-text = It only accepts what a button on a page sends.
err-method-do = Please go back and try again from the page.
err-forgery-title = For your safety this was not processed
err-forgery-text = It was not sent from a page of this site, or you changed accounts after the page was opened.
err-forgery-do = Please go back, refresh the page and send it again.
