//! One version of an implementation item (实施清单) or handling item (业务办理项).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::elements::elements;
use super::lists::{
    DeptType, HandleArea, HandleType, OnlineDepth, PowerSource, ProjectType, ResultType,
    ServerType, TaskState, TaskType, TimeUnit, UseLevel,
};
use super::parts::{
    Fee, FlowStep, HandlingItem, Intermediary, ItemResult, Law, MatchDept, Material, Question,
    SpecialProcedure, Window,
};
use super::situation::{Answers, NOT_ASKED, SituationQuestion, Truth};

elements! {
    /// The whole document. Every element but name and type may be missing: `None` means that the source does not
    /// publish it, an empty list means that there is none.
    ServiceItem {
        Identity {
            catalog_code: String, "基本编码", Required;
            task_code: String, "实施编码", Required;
            task_handle_item: String, "业务办理项编码", Optional;
            local_task_code: String, "地方实施编码", Optional;
            task_version: u32, "事项版本", Required;
            task_state: TaskState, "事项状态", Required;
            plan_effective_date: Date, "计划生效日期", Optional;
            plan_cancel_date: Date, "计划取消日期", Optional;
            publish_date: Date, "发布日期", Optional;
            laws: Vec<Law>, "设定依据", Required;
            by_law: String, "设定依据（文本）", Optional;
            use_level: Vec<UseLevel>, "行使层级", Required;
            authority_division: String, "权限划分", Optional;
            exercise_content: String, "行使内容", Optional;
            server_type: Vec<ServerType>, "服务对象", Required;
            user_topic_type: Vec<String>, "面向自然人主题", Optional;
            user_character_topic_type: Vec<String>, "面向自然人地方特色主题", Optional;
            corp_topic_type: Vec<String>, "面向法人主题", Optional;
            corp_character_topic_type: Vec<String>, "面向法人地方特色主题", Optional;
            handling_items: Vec<HandlingItem>, "业务办理项", Optional;
            sensitives: bool, "是否涉敏", Optional;
        }
        Organ {
            dept_name: String, "实施主体", Required;
            dept_code: String, "实施主体编码", Required;
            dept_type: DeptType, "实施主体性质", Required;
            entrust_name: String, "委托部门", Optional;
            power_source: PowerSource, "权力来源", RequiredOfPowers;
            area_code: String, "行政区划代码", Optional;
            jurisdiction_name: String, "行政管辖名称", Optional;
            jurisdiction_code: String, "行政管辖代码", Optional;
            town_name: String, "乡镇街道名称", Optional;
            town_code: String, "乡镇街道代码", Optional;
            village_name: String, "村居社区名称", Optional;
            village_code: String, "村居社区代码", Optional;
            other_dept: String, "联办机构", Optional;
            other_dept_code: String, "联办机构代码", Optional;
            undertake_dept: String, "承办机构", Optional;
            undertake_dept_code: String, "承办机构代码", Optional;
            lead_dept: String, "牵头部门", Optional;
            match_depts: Vec<MatchDept>, "配合部门", Optional;
            is_joint_org: bool, "是否联合办理", Optional;
            is_cert_joint: bool, "是否联合审批", Optional;
        }
        Limits {
            project_type: ProjectType, "办件类型", Required;
            anticipate_day: u16, "法定办结时限", Required;
            anticipate_type: TimeUnit, "法定办结时限单位", Required;
            anticipate_explain: String, "法定办结时限说明", Optional;
            promise_day: u16, "承诺办结时限", Required;
            promise_type: TimeUnit, "承诺办结时限单位", Required;
            promise_explain: String, "承诺办结时限说明", Optional;
            specials: Vec<SpecialProcedure>, "特别程序", Required;
            special_procedure: String, "特别程序（文本）", Optional;
        }
        Conditions {
            accept_condition: String, "受理条件", Required;
            limit_explain: String, "数量限制", Optional;
            accept_std: String, "审查标准", Optional;
            inspection_review: String, "审查方式", Optional;
            situations: Vec<SituationQuestion>, "情形引导", Optional;
            is_promise_notify: bool, "是否告知承诺", Optional;
            is_td: bool, "是否容缺受理", Optional;
            is_intelli_approval: bool, "是否智能审批", Optional;
            min_real_level: u16, "最低实名等级", Optional;
        }
        Materials {
            materials: Vec<Material>, "申请材料", Required;
            intermediaries: Vec<Intermediary>, "中介服务", Optional;
            intermediary_service: String, "中介服务（文本）", Optional;
            is_mail_material: bool, "材料可邮寄", Optional;
        }
        Flow {
            flow_steps: Vec<FlowStep>, "办理流程", Required;
            handle_flow: String, "办理流程（文本）", Optional;
            flow_chart: Vec<String>, "流程图", Optional;
        }
        Fees {
            is_fee: bool, "是否收费", Required;
            fee_basis: String, "收费依据", Optional;
            fees: Vec<Fee>, "收费项目", Optional;
            is_pay_online: bool, "是否支持网上支付", Required;
        }
        Results {
            result_type: Vec<ResultType>, "审批结果类型", Required;
            result_name: String, "审批结果名称", Optional;
            result_guid: String, "审批结果样本", Optional;
            results: Vec<ItemResult>, "审批结果", Optional;
            is_mail_result: bool, "结果可邮寄", Optional;
        }
        Channels {
            handle_type: Vec<HandleType>, "办理形式", Optional;
            limit_scene_num: u16, "到办事现场次数", Required;
            limit_scene_explain: String, "必须现场办理原因说明", Optional;
            handle_area: HandleArea, "通办范围", Optional;
            is_online: bool, "是否网办", Required;
            online_handle_depth: Vec<OnlineDepth>, "网上办理深度", Optional;
            online_handle_url: String, "计算机端网办地址", Optional;
            mobile_terminal_url: String, "移动端办理地址", Optional;
            is_single_login: bool, "计算机端是否对接单点登录", Required;
            app_is_single_login: bool, "移动端是否对接单点登录", Required;
            is_entry_center: bool, "是否进驻政务大厅", Required;
            is_schedule: bool, "是否支持预约办理", Optional;
            schedule_num: u16, "预约数", Optional;
            schedule_rule: String, "预约规则", Optional;
            is_express: bool, "是否支持物流快递", Required;
            is_service_terminals: bool, "是否支持自助终端办理", Optional;
            four_handle: Vec<String>, "四办", Optional;
            run_system: String, "运行系统", Optional;
            run_system_level: String, "运行系统层级", Optional;
        }
        Contact {
            windows: Vec<Window>, "办理窗口", Required;
            transact_addr: String, "办理地点", Optional;
            transact_time: String, "办理时间", Optional;
            traffic_guide: String, "交通指引", Optional;
            link_way: String, "咨询方式", Required;
            supervise_way: String, "监督投诉方式", Required;
            progress_query_way: Vec<String>, "进度查询方式", Optional;
            questions: Vec<Question>, "常见问题", Optional;
        }
        Remedies {
            administrative_review: String, "行政复议", Optional;
            administrative_review_dept: String, "行政复议部门", Optional;
            administrative_review_addr: String, "行政复议地址", Optional;
            administrative_review_phone: String, "行政复议电话", Optional;
            administrative_review_url: String, "行政复议网址", Optional;
            administrative_litigation: String, "行政诉讼", Optional;
            administrative_litigation_dept: String, "行政诉讼部门", Optional;
            administrative_litigation_addr: String, "行政诉讼地址", Optional;
            administrative_litigation_phone: String, "行政诉讼电话", Optional;
            administrative_litigation_url: String, "行政诉讼网址", Optional;
            right_enjoy_by_law: String, "申请人依法享有的权利", Optional;
            duty_perform_by_law: String, "申请人依法履行的义务", Optional;
        }
        Links {
            /// Form document of the forms crate.
            form_id: String, "表单", Optional;
            /// Process definition of the process crate.
            process_id: String, "流程定义", Optional;
            /// Where the document comes from.
            source: String, "来源", Optional;
            /// Set on invented content.
            demo: bool, "演示数据", Optional;
        }
    }
}

/// A time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// 0 means at once (即办).
    pub days: u16,
    pub unit: TimeUnit,
}

impl Limit {
    /// Text such as `5个工作日` or `当场办结`.
    pub fn label(self) -> String {
        match (self.days, self.unit) {
            (0, _) => "当场办结".to_owned(),
            (days, TimeUnit::WorkingDay) => format!("{days}个工作日"),
            (days, TimeUnit::NaturalDay) => format!("{days}个自然日"),
        }
    }
}

/// Why no application can be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOpen {
    #[error("“{0}”不是依申请办理的事项，仅供查询")]
    NotAppliedFor(&'static str),
    #[error("该事项已{0}")]
    State(&'static str),
    #[error("该版本自{0}起施行")]
    NotYet(Date),
    #[error("该版本已于{0}取消")]
    Ended(Date),
    #[error("该事项在本平台没有申请表单，请按指南所列渠道办理")]
    NoForm,
    #[error("该事项在本平台没有办理流程，请按指南所列渠道办理")]
    NoProcess,
    #[error("请选择要办理的业务办理项")]
    ChooseHandlingItem,
}

impl ServiceItem {
    /// 法定办结时限, when both number and unit are published.
    pub fn legal_limit(&self) -> Option<Limit> {
        Some(Limit {
            days: self.anticipate_day?,
            unit: self.anticipate_type?,
        })
    }

    /// 承诺办结时限, when both number and unit are published.
    pub fn promised_limit(&self) -> Option<Limit> {
        Some(Limit {
            days: self.promise_day?,
            unit: self.promise_type?,
        })
    }

    /// 全程网办: handled online and the result comes back online.
    pub fn is_fully_online(&self) -> bool {
        self.online_handle_depth.as_ref().is_some_and(|depth| {
            depth.contains(&OnlineDepth::Handling)
                && (depth.contains(&OnlineDepth::ResultFeedback)
                    || depth.contains(&OnlineDepth::LicenceFeedback))
        })
    }

    /// The parts of a list element; empty when not published.
    pub fn materials(&self) -> &[Material] {
        self.materials.as_deref().unwrap_or_default()
    }

    /// Licence types that the item issues.
    pub fn issued_licence_types(&self) -> impl Iterator<Item = &str> {
        self.results
            .iter()
            .flatten()
            .filter_map(|result| result.cert_type_code.as_deref())
    }

    /// What is applied for: the handling items where there are any, else the item itself (§ 业务办理项).
    pub fn applied_codes(&self) -> Vec<&str> {
        match self.handling_items.as_deref() {
            Some(items) if !items.is_empty() => items
                .iter()
                .map(|item| item.task_handle_item.as_str())
                .collect(),
            _ => self
                .task_handle_item
                .as_deref()
                .or(self.task_code.as_deref())
                .into_iter()
                .collect(),
        }
    }

    /// The answers that count: those to questions that apply and with an option that exists. A question that earlier answers
    /// rule out counts as answered with nothing, so that what hangs on it does not stay open.
    pub fn effective_answers(&self, given: &Answers) -> Answers {
        let mut counted = Answers::new();
        // A question may depend on those before it only (S01), so one pass is enough.
        for question in self.situations.iter().flatten() {
            let applies = question
                .show_if
                .as_ref()
                .map_or(Truth::Yes, |condition| condition.holds(&counted));
            let chosen = given.get(&question.code).filter(|answer| {
                question
                    .options
                    .iter()
                    .any(|option| option.code == **answer)
            });
            match (applies, chosen) {
                (Truth::Yes, Some(answer)) => {
                    counted.insert(question.code.clone(), answer.clone());
                }
                (Truth::No, _) => {
                    counted.insert(question.code.clone(), NOT_ASKED.to_owned());
                }
                (Truth::Yes, None) | (Truth::Open, _) => {}
            }
        }
        counted
    }

    /// The organs whose opinion the decision needs: the implementing organ first, then those that review in parallel or are
    /// asked, as far as the answers do not rule them out. Credit codes.
    pub fn review_organs(&self, answers: &Answers) -> Vec<&str> {
        let beside = self.match_depts.iter().flatten().filter(|dept| {
            dept.applies_if
                .as_ref()
                .is_none_or(|condition| condition.holds(answers) != Truth::No)
        });
        let beside = beside.map(|dept| dept.dept_code.as_str());
        self.dept_code
            .as_deref()
            .into_iter()
            .chain(beside)
            .collect()
    }

    /// Whether somebody may open an application on `today` (local date), for the named handling item if the item has any.
    pub fn open_application(
        &self,
        handling_item: Option<&str>,
        today: Date,
    ) -> Result<(), NotOpen> {
        if !self.task_type.is_on_application() {
            return Err(NotOpen::NotAppliedFor(self.task_type.label()));
        }
        match self.task_state {
            Some(TaskState::InUse) => {}
            Some(state) => return Err(NotOpen::State(state.label())),
            None => return Err(NotOpen::State("下线或尚未发布")),
        }
        if let Some(from) = self.plan_effective_date.filter(|from| *from > today) {
            return Err(NotOpen::NotYet(from));
        }
        if let Some(end) = self.plan_cancel_date.filter(|end| *end <= today) {
            return Err(NotOpen::Ended(end));
        }
        let form = match (self.handling_items.as_deref(), handling_item) {
            (None | Some([]), _) => self.form_id.as_ref(),
            (Some(items), Some(code)) => items
                .iter()
                .find(|item| item.task_handle_item == code)
                .ok_or(NotOpen::ChooseHandlingItem)?
                .form_id
                .as_ref()
                .or(self.form_id.as_ref()),
            (Some(_), None) => return Err(NotOpen::ChooseHandlingItem),
        };
        form.ok_or(NotOpen::NoForm)?;
        self.process_id.as_ref().ok_or(NotOpen::NoProcess)?;
        Ok(())
    }
}
