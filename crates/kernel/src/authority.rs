//! Who may do what, on which object, on which legal basis. Deny by default: an act without a row here is refused, and a row
//! without a basis is no row (法无授权不可为). The whole table is printed by [`matrix`] into a reviewed file.

mod rules;

use rules::RULES;

use crate::{Actor, EnterpriseId, Error, Officer, OfficerId, OrganId, PersonId, Post};

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident => $label:literal,)+) => {
        /// The acts that need a permit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Act { $($(#[$doc])* $name,)+ }
        impl Act {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// The name that officers use.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)+ }
            }
        }
    };
}

acts! {
    /// Fill in and keep a draft, hand in files.
    Apply => "填写申请",
    Submit => "提交申请",
    ViewCase => "查看办件",
    /// Hand in what a supplement notice asks for.
    Supplement => "提交补正",
    Withdraw => "撤回申请",
    Rate => "评价",
    /// Take the proof bundle of a case away.
    Prove => "下载存证",
    PreReview => "预审",
    RequestSupplement => "一次性告知补正",
    RefuseAcceptance => "不予受理",
    Accept => "受理",
    /// Start or end a special procedure (听证、检验、专家评审 …).
    SpecialProcedure => "特别程序",
    Review => "审查",
    /// Sign or refuse to sign, as one of several (会签).
    Countersign => "会签",
    Decide => "决定",
    /// Give an open task to another officer of the same post and organ, or back to the post.
    Transfer => "转办",
    /// Send an open task back to an earlier step.
    SendBack => "退回",
    /// Take one's own last step back before the next hand has acted.
    TakeBack => "拿回",
    /// Ask for one more countersigner, or for one less (加签、减签).
    ChangeSigners => "加签、减签",
    /// Urge those who have an open task.
    Urge => "催办",
    /// Move a running case to another step by order.
    Redirect => "流程跳转",
    /// Ask an organ for an opinion that does not bind.
    AskOpinion => "征求意见",
    /// Give the opinion that was asked for.
    GiveOpinion => "答复征求意见",
    /// Tell officers of a case, who then may see it.
    SendCopy => "抄送",
    /// Have somebody sign before or after one's own task.
    AskSigner => "前加签、后加签",
    /// Silence counts as agreement where the process names the rule.
    DeemAgreed => "逾期视为同意",
    /// Ask a colleague to do an open task in one's place; the responsibility stays (委托).
    Delegate => "委托",
    /// Hand a delegated task back, or call it back.
    EndDelegation => "退还、收回委托",
    /// Name who does the tasks in hand of an officer who is away (代办).
    NameCover => "指定代办",
    /// End a running case by order, without a decision on it.
    Terminate => "终止办理",
    /// See the steps that cannot go on by themselves.
    ViewIncidents => "查看流程异常",
    /// Have such a step tried again.
    RetryStep => "重试异常环节",
    /// Answer for a service, or end its step with a business error.
    SettleStep => "人工处置异常环节",
    /// Look at a case for a step that an outside system owns.
    FetchStep => "取用分建环节的办件信息",
    /// Report on such a step.
    ReportStep => "报告分建环节的办理",
    /// Send a message to cases in which the organ has a hand.
    SendMessage => "向办件发送消息",
    /// Register outside systems, their keys and deliveries.
    ManageSystems => "管理外部系统",
    IssueLicence => "制证",
    RevokeLicence => "撤销或注销证照",
    ViewLicence => "查看证照",
    /// Look licences of one's organ up in the register.
    ViewRegister => "查看证照登记",
    ViewWorkbench => "查看工作台",
    ManageItems => "管理事项",
    ManageCalendar => "管理工作日历",
    /// Publish processes and move running cases to another version.
    ManageProcesses => "管理办理流程",
    ManageAccounts => "管理机构与岗位",
    ViewAudit => "查看审计",
    /// Take the record of many cases away as an event log.
    ExportRecord => "导出事件日志",
    ViewRatings => "查看评价",
    /// Answer a bad rating and close its rectification.
    Rectify => "差评整改",
    ViewHealth => "查看系统健康",
    /// Hand messages that were given up to their subscribers again.
    RetryJobs => "重新投递消息",
}

/// What the authority rules know of a case; made by the context that loaded it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFacts {
    pub applicant: Option<PersonId>,
    /// Set where the applicant is an organisation; then `applicant` is its agent.
    pub enterprise: Option<EnterpriseId>,
    /// Every organ that has a hand in the case.
    pub organs: Vec<OrganId>,
    /// The organ that decides (实施主体、牵头部门).
    pub lead: Option<OrganId>,
    /// The task acted on: which post of which organ must do it.
    pub task: Option<(Post, OrganId)>,
    /// The officer to whom that task was handed; nobody else of the post may do it.
    pub assigned: Option<OfficerId>,
    /// Who asked `assigned` to do it in their place (委托).
    pub delegator: Option<OfficerId>,
    /// Who does the tasks in hand of `assigned` today, who is away (代办).
    pub covered_by: Option<OfficerId>,
    /// The outside system that owns the step acted on.
    pub system: Option<String>,
    /// Who has handled the case so far, for four eyes.
    pub handled_by: Vec<OfficerId>,
    /// Which posts of which organs are asked for an opinion now.
    pub asked: Vec<(Post, OrganId)>,
    /// Officers who were sent a copy.
    pub copied: Vec<OfficerId>,
}

/// What the authority rules know of something that belongs to an organ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganFacts {
    pub organ: OrganId,
}

/// What the authority rules know of an officer about whom something is arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficerFacts {
    pub officer: OfficerId,
    pub organ: OrganId,
}

/// The object of an act.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    Case(&'a CaseFacts),
    Organ(&'a OrganFacts),
    Officer(&'a OfficerFacts),
    /// The platform as a whole.
    Platform,
}

/// A permit: it names the act, the post under which it was given, and the legal basis. Recorded with the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    pub act: Act,
    pub post: Option<Post>,
    pub basis: &'static str,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    NotLoggedIn,
    /// May be seen, but not this.
    Forbidden(Act),
    /// Forbidden by the four-eyes rule.
    FourEyes,
    /// The task was handed to another officer of the post.
    Elsewhere,
    /// Looks as if it did not exist.
    Hidden,
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotLoggedIn => Error::unauthenticated(),
            Denied::Hidden => Error::not_found(),
            Denied::FourEyes => {
                Error::not_allowed("authority.four-eyes", "经办过本件的人员不能再作决定")
                    .advice("请由其他决定人员办理")
            }
            Denied::Elsewhere => Error::conflict(
                "task.elsewhere",
                "这个环节已转给其他人员办理，您的操作没有保存",
            )
            .advice("请刷新页面查看最新进展"),
            Denied::Forbidden(act) => Error::not_allowed(
                "authority.forbidden",
                format!("您没有“{}”的权限", act.label()),
            ),
        }
    }
}

/// The relation to the object that a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Any logged-in person.
    Citizen,
    /// The applicant of the case, or the agent for the same enterprise.
    Applicant,
    /// Any officer of an organ that has a hand in the case.
    TakingPart,
    /// A post that is asked for an opinion, while it is asked.
    Asked,
    /// An officer who was sent a copy.
    Copied,
    /// The post and organ that the open task names.
    TaskHolder(Post),
    /// As `TaskHolder`, and nobody who handled the case before.
    FreshTaskHolder(Post),
    /// Whoever asked another to do the open task.
    Delegator,
    /// The officer whom it is about.
    Oneself,
    /// The post, in the organ of the open task, whoever has it in hand.
    OfTaskOrgan(Post),
    /// The post, in the organ that decides.
    OfLeadOrgan(Post),
    /// The post, in an organ that has a hand in the case or owns the object.
    OfOrgan(Post),
    /// The post, anywhere.
    Anywhere(Post),
    /// Any officer, for things of the platform.
    Officer,
    /// The outside system that owns the step, of an organ with a hand in the case.
    StepSystem,
    /// Any outside system whose organ has a hand in the case.
    SystemTakingPart,
    System,
}

struct Rule {
    act: Act,
    who: Who,
    basis: &'static str,
}

const fn rule(act: Act, who: Who, basis: &'static str) -> Rule {
    Rule { act, who, basis }
}

enum Match {
    Yes(Option<Post>),
    No,
    HandledBefore,
    Elsewhere,
}

fn held(officer: &Officer, post: Post, ok: bool) -> Match {
    if ok && officer.holds(post) {
        Match::Yes(Some(post))
    } else {
        Match::No
    }
}

/// Whether the open task is one for this post of the organ of `officer`.
fn holds_task(officer: &Officer, case: &CaseFacts, post: Post) -> Match {
    held(officer, post, case.task == Some((post, officer.organ)))
}

/// A task that was handed to one officer is done by nobody else, but by who covers for them while they are away.
fn in_hand(officer: &Officer, case: &CaseFacts, found: Match) -> Match {
    match (found, case.assigned) {
        (Match::Yes(_), Some(other))
            if other != officer.officer && case.covered_by != Some(officer.officer) =>
        {
            Match::Elsewhere
        }
        (found, _) => found,
    }
}

/// Four eyes see both: who acts, and in whose place.
fn fresh(officer: &Officer, case: &CaseFacts, found: Match) -> Match {
    let worn = |one: &OfficerId| case.handled_by.contains(one);
    if matches!(found, Match::Yes(_)) && worn(&officer.officer) {
        return Match::HandledBefore;
    }
    match in_hand(officer, case, found) {
        Match::Yes(_) if case.delegator.iter().chain(&case.assigned).any(worn) => {
            Match::HandledBefore
        }
        other => other,
    }
}

fn matches(who: Who, actor: &Actor, on: Resource<'_>) -> Match {
    match (who, actor, on) {
        (Who::System, Actor::System, _) | (Who::Citizen, Actor::Citizen(_), _) => Match::Yes(None),
        (Who::Applicant, Actor::Citizen(citizen), Resource::Case(case)) => {
            let own = match case.enterprise {
                Some(enterprise) => citizen.enterprise == Some(enterprise),
                None => case.applicant == Some(citizen.person),
            };
            if own { Match::Yes(None) } else { Match::No }
        }
        (Who::TakingPart, Actor::Officer(officer), Resource::Case(case)) => {
            if !officer.posts.is_empty() && case.organs.contains(&officer.organ) {
                Match::Yes(officer.posts.first().copied())
            } else {
                Match::No
            }
        }
        (Who::Asked, Actor::Officer(officer), Resource::Case(case)) => {
            let mut asked = case.asked.iter();
            match asked.find(|(post, organ)| *organ == officer.organ && officer.holds(*post)) {
                Some((post, _)) => Match::Yes(Some(*post)),
                None => Match::No,
            }
        }
        (Who::Copied, Actor::Officer(officer), Resource::Case(case)) => {
            if !officer.posts.is_empty() && case.copied.contains(&officer.officer) {
                Match::Yes(officer.posts.first().copied())
            } else {
                Match::No
            }
        }
        (Who::TaskHolder(post), Actor::Officer(officer), Resource::Case(case)) => {
            in_hand(officer, case, holds_task(officer, case, post))
        }
        (Who::FreshTaskHolder(post), Actor::Officer(officer), Resource::Case(case)) => {
            fresh(officer, case, holds_task(officer, case, post))
        }
        (Who::Delegator, Actor::Officer(officer), Resource::Case(case)) => match case.task {
            Some((post, organ)) if case.delegator == Some(officer.officer) => {
                held(officer, post, organ == officer.organ)
            }
            _ => Match::No,
        },
        (Who::Oneself, Actor::Officer(officer), Resource::Officer(one)) => {
            if officer.officer == one.officer && !officer.posts.is_empty() {
                Match::Yes(officer.posts.first().copied())
            } else {
                Match::No
            }
        }
        (Who::OfTaskOrgan(post), Actor::Officer(officer), Resource::Case(case)) => held(
            officer,
            post,
            case.task.is_some_and(|(_, organ)| organ == officer.organ),
        ),
        (Who::OfLeadOrgan(post), Actor::Officer(officer), Resource::Case(case)) => {
            held(officer, post, case.lead == Some(officer.organ))
        }
        (Who::OfOrgan(post), Actor::Officer(officer), Resource::Case(case)) => {
            held(officer, post, case.organs.contains(&officer.organ))
        }
        (Who::OfOrgan(post), Actor::Officer(officer), Resource::Organ(organ)) => {
            held(officer, post, organ.organ == officer.organ)
        }
        (Who::OfOrgan(post), Actor::Officer(officer), Resource::Officer(one)) => {
            held(officer, post, one.organ == officer.organ)
        }
        (Who::Anywhere(post), Actor::Officer(officer), _) => held(officer, post, true),
        (Who::StepSystem, Actor::Outside(outside), Resource::Case(case)) => {
            let own = case.system.as_ref() == Some(&outside.code);
            if own && case.organs.contains(&outside.organ) {
                Match::Yes(None)
            } else {
                Match::No
            }
        }
        (Who::SystemTakingPart, Actor::Outside(outside), Resource::Case(case)) => {
            if case.organs.contains(&outside.organ) {
                Match::Yes(None)
            } else {
                Match::No
            }
        }
        (Who::Officer, Actor::Officer(officer), Resource::Platform)
            if !officer.posts.is_empty() =>
        {
            Match::Yes(officer.posts.first().copied())
        }
        _ => Match::No,
    }
}

fn permit(actor: &Actor, act: Act, on: Resource<'_>) -> Result<Permit, Denied> {
    let mut denied = Denied::Forbidden(act);
    for rule in RULES
        .iter()
        .filter(|rule| rule.act == act && !rule.basis.is_empty())
    {
        match matches(rule.who, actor, on) {
            Match::Yes(post) => {
                return Ok(Permit {
                    act,
                    post,
                    basis: rule.basis,
                });
            }
            Match::HandledBefore => denied = Denied::FourEyes,
            Match::Elsewhere => denied = Denied::Elsewhere,
            Match::No => {}
        }
    }
    Err(denied)
}

/// The permit for `act`, or why not. What may not even be seen looks absent.
pub fn authorize(actor: &Actor, act: Act, on: Resource<'_>) -> Result<Permit, Denied> {
    let denied = match permit(actor, act, on) {
        Ok(permit) => return Ok(permit),
        Err(denied) => denied,
    };
    if *actor == Actor::Anonymous {
        return Err(Denied::NotLoggedIn);
    }
    match on {
        Resource::Case(_) if permit(actor, Act::ViewCase, on).is_err() => Err(Denied::Hidden),
        _ => Err(denied),
    }
}

/// The posts that may do `act` when it is their task.
pub fn posts_for(act: Act) -> impl Iterator<Item = Post> {
    let rules = RULES.iter().filter(move |rule| rule.act == act);
    rules.filter_map(|rule| match rule.who {
        Who::TaskHolder(post) | Who::FreshTaskHolder(post) => Some(post),
        _ => None,
    })
}

/// The whole table as text, for the reviewed file `authority.txt`: act, who, basis.
pub fn matrix() -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for act in Act::ALL {
        let _ = writeln!(text, "{:?} {}", act, act.label());
        for rule in RULES.iter().filter(|rule| rule.act == *act) {
            let _ = writeln!(text, "    {:?} — {}", rule.who, rule.basis);
        }
    }
    text
}

#[cfg(test)]
mod tests;
