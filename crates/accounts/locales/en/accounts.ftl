# Log-in, log-out, for whom one acts, menu of the workbench
login-title = Log in
login-intro = Log in to apply online, keep drafts and follow your cases.
login-name = Account
login-name-hint = Upper or lower case makes no difference
login-password = Password
login-submit = Log in
login-forgot = Forgot the password? It can be reset at a service hall window with your identity card
login-session = You are logged out after 30 minutes without activity, and after 12 hours in any case. On a shared computer, log out when you are done.
login-refused = Account or password is not right. Please check and type them again
login-paused = Too many tries. Please wait a little and try again
login-aside = About logging in
login-safe-title = Safety
login-safe-1 = Of your password only a digest is kept that cannot be turned back; no officer can see it
login-safe-2 = Wrong tries become slower and slower, so that nobody can guess
login-safe-3 = Your log-in is valid on this site only and hidden from scripts
login-help-title = Cannot log in?
login-help-text = Call { $value }, or come to a service hall window with your identity card. You can be served without an account.
held-title = Your log-in has ended
held-text = { $n ->
    [one] The one answer that you have just sent is still in this page.
   *[other] The { $n } answers that you have just sent are still in this page.
 } Log in and press “Send again”; nothing has to be typed anew.
held-files = Please log in, go back to the page and choose the files again. What was saved is not lost.
again-in = Logged in
again-title = Send what you typed before
again-text = { $n ->
    [one] The one answer from before your log-in is here. The button below sends it.
   *[other] The { $n } answers from before your log-in are here. The button below sends them.
 }
again-submit = Send again
again-drop = Do not send, go home
again-note = Nothing is sent until you press the button.
demo-accounts = Demonstration accounts
demo-only = Demonstration only
demo-accounts-hint = These people are made up. Copy account and password into the boxes above.
demo-who = Person
demo-role = What can be tried
demo-staff = Officer
demo-citizen = Applicant
acting-title = For whom I act
acting-intro = New applications, drafts and cases will belong to the applicant that you choose.
acting-legend = For whom do you apply?
acting-self = Myself
acting-self-hint = As a natural person
acting-uscc = Unified social credit code { $value }
acting-none = No enterprise has authorised you so far. An enterprise can do so at a service hall window.
acting-submit = Confirm
acting-done = Done. The top of the page shows whom you act for.
acting-choose = Please choose for whom you apply
acting-what = When is this needed?
acting-what-text = When you are the agent of an enterprise and apply in its name, switch to the enterprise first. An agency that has ended or was withdrawn is no longer shown.
menu-work = Work
menu-manage = Manage
menu-inbox = Tasks
menu-ratings = Ratings
menu-catalogue = Quality of items
menu-health = System health
menu-rectifications = Rectifications
menu-licences = Licence register
menu-calendar = Working calendar
menu-processes = Processes
menu-incidents = Incidents
menu-record-exports = Event logs
