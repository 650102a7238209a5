//! The accounts that a demonstration shows on its log-in page.

/// An account that everybody may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoAccount {
    pub login: String,
    pub password: String,
    /// Whole: the person is made up.
    pub name: String,
    /// What can be tried with it, e.g. `市民，办食品经营许可` or `市场监管局 审查人员`.
    pub role: String,
    pub staff: bool,
}

/// Wired in demo mode only; its presence is what makes the log-in page list accounts.
#[derive(Debug, Clone, Default)]
pub struct DemoAccounts(pub Vec<DemoAccount>);
