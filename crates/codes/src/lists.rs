//! Code lists the platform decides on, as enums. Codes are those of the national exchange tables;
//! where GB/T 39046-2020 numbers differently there is a second enum and a conversion.

code_enum! {
    /// 事项类型.
    TaskType in "task_type" {
        Licence = "01" "行政许可",
        Punishment = "02" "行政处罚",
        Coercion = "03" "行政强制",
        Levy = "04" "行政征收",
        Benefit = "05" "行政给付",
        Inspection = "06" "行政检查",
        Confirmation = "07" "行政确认",
        Reward = "08" "行政奖励",
        Adjudication = "09" "行政裁决",
        OtherPower = "10" "其他类别事项(其他行政权力)",
        PublicService = "20" "公共服务事项",
    }
}

impl TaskType {
    /// Whether a citizen may apply (依申请): the others are published for transparency only.
    pub const fn is_on_application(self) -> bool {
        !matches!(
            self,
            Self::Punishment | Self::Coercion | Self::Levy | Self::Inspection
        )
    }
}

code_enum! {
    /// 行使层级; multi-valued.
    UseLevel in "use_level" {
        Nation = "1" "国家级",
        Province = "2" "省级",
        Prefecture = "3" "市级",
        County = "4" "县级",
        Township = "5" "镇(乡、街道)级",
        Village = "6" "村(社区)级",
        Tiered = "7" "分级管理",
    }
}

code_enum! {
    /// 实施主体性质.
    DeptType in "dept_type" {
        Statutory = "1" "法定机关",
        Authorised = "2" "授权组织",
        Entrusted = "3" "受委托组织",
        Other = "9" "其他",
    }
}

code_enum! {
    /// 权力来源.
    PowerSource in "power_source" {
        OwnLevel = "1" "法定本级行使",
        Devolved = "2" "上级下放",
        AuthorisedAbove = "3" "上级授权",
        AuthorisedPeer = "4" "同级授权",
        EntrustedAbove = "5" "上级委托",
        EntrustedPeer = "6" "同级委托",
    }
}

code_enum! {
    /// 服务对象, exchange codes; multi-valued.
    ServerType in "server_type" {
        NaturalPerson = "1" "自然人",
        EnterpriseLegal = "2" "企业法人",
        InstitutionLegal = "3" "事业法人",
        SocialLegal = "4" "社会组织法人",
        UnincorporatedEnterprise = "5" "非法人企业",
        Administrative = "6" "行政机关",
        OtherOrganisation = "9" "其他组织",
    }
}

code_enum! {
    /// 服务对象, codes of GB/T 39046-2020 A.4. 5 and 6 mean other things than in the exchange.
    ServerTypeGb in "server_type_gb39046" {
        NaturalPerson = "1" "自然人",
        EnterpriseLegal = "2" "企业法人",
        InstitutionLegal = "3" "事业法人",
        SocialLegal = "4" "社会组织法人",
        Administrative = "5" "行政机关",
        OtherOrganisation = "6" "其他组织",
    }
}

impl ServerType {
    /// Whether this is an organisation (a legal-person theme is then needed).
    pub const fn is_organisation(self) -> bool {
        !matches!(self, Self::NaturalPerson)
    }
}

impl From<ServerType> for ServerTypeGb {
    /// The standard has no unincorporated enterprises: they become 其他组织.
    fn from(value: ServerType) -> Self {
        match value {
            ServerType::NaturalPerson => Self::NaturalPerson,
            ServerType::EnterpriseLegal => Self::EnterpriseLegal,
            ServerType::InstitutionLegal => Self::InstitutionLegal,
            ServerType::SocialLegal => Self::SocialLegal,
            ServerType::Administrative => Self::Administrative,
            ServerType::UnincorporatedEnterprise | ServerType::OtherOrganisation => {
                Self::OtherOrganisation
            }
        }
    }
}

impl From<ServerTypeGb> for ServerType {
    fn from(value: ServerTypeGb) -> Self {
        match value {
            ServerTypeGb::NaturalPerson => Self::NaturalPerson,
            ServerTypeGb::EnterpriseLegal => Self::EnterpriseLegal,
            ServerTypeGb::InstitutionLegal => Self::InstitutionLegal,
            ServerTypeGb::SocialLegal => Self::SocialLegal,
            ServerTypeGb::Administrative => Self::Administrative,
            ServerTypeGb::OtherOrganisation => Self::OtherOrganisation,
        }
    }
}

code_enum! {
    /// 办件类型.
    ProjectType in "project_type" {
        Immediate = "1" "即办件",
        Promised = "2" "承诺件",
        Other = "9" "其他",
    }
}

code_enum! {
    /// 办理形式, exchange codes; multi-valued.
    HandleType in "handle_type" {
        Window = "1" "窗口办理",
        Online = "2" "网上办理",
        Express = "3" "快递申请",
    }
}

code_enum! {
    /// 办理形式, codes of GB/T 39046-2020 A.5; 3 means another thing than in the exchange.
    HandleTypeGb in "handle_type_gb39046" {
        Window = "1" "窗口办理",
        OnlineDesktop = "2" "电脑端网上办理",
        OnlineMobile = "3" "移动端网上申请",
        Express = "4" "快递申请",
        Other = "9" "其他",
    }
}

impl From<HandleType> for HandleTypeGb {
    /// The exchange does not tell desktop from mobile: online becomes the desktop code.
    fn from(value: HandleType) -> Self {
        match value {
            HandleType::Window => Self::Window,
            HandleType::Online => Self::OnlineDesktop,
            HandleType::Express => Self::Express,
        }
    }
}

impl HandleTypeGb {
    /// The exchange code; `None` for 其他, which the exchange cannot say.
    pub const fn to_exchange(self) -> Option<HandleType> {
        match self {
            Self::Window => Some(HandleType::Window),
            Self::OnlineDesktop | Self::OnlineMobile => Some(HandleType::Online),
            Self::Express => Some(HandleType::Express),
            Self::Other => None,
        }
    }
}

code_enum! {
    /// 时限单位.
    TimeUnit in "time_unit" {
        WorkingDay = "1" "工作日",
        NaturalDay = "2" "自然日",
    }
}

code_enum! {
    /// 通办范围.
    HandleArea in "handle_area" {
        Nation = "1" "全国",
        Province = "2" "全省",
        Prefecture = "3" "全市",
        County = "4" "全县",
        Township = "5" "全镇(乡、街道)",
        Village = "6" "跨村(社区)",
    }
}

code_enum! {
    /// 网上办理深度; multi-valued.
    OnlineDepth in "online_depth" {
        Consultation = "1" "互联网咨询",
        Receipt = "2" "互联网收件",
        PreReview = "3" "互联网预审",
        Acceptance = "4" "互联网受理",
        Handling = "5" "互联网办理",
        ResultFeedback = "6" "互联网办理结果信息反馈",
        LicenceFeedback = "7" "互联网电子证照反馈",
        Other = "8" "其他",
    }
}

code_enum! {
    /// 审批结果类型; multi-valued.
    ResultType in "result_type" {
        Licence = "10" "证照",
        Approval = "20" "批文",
        Other = "30" "其他",
        None = "99" "无",
    }
}

code_enum! {
    /// 事项状态.
    TaskState in "task_state" {
        InUse = "1" "在用",
        Suspended = "2" "暂停",
        Cancelled = "3" "取消",
    }
}

code_enum! {
    /// 材料必要性.
    MaterialNeed in "material_need" {
        Required = "1" "必要",
        Conditional = "2" "非必要",
        Tolerable = "3" "容缺后补",
    }
}

code_enum! {
    /// 材料类型.
    MaterialType in "material_type" {
        Original = "1" "原件",
        Copy = "2" "复印件",
        OriginalAndCopy = "3" "原件和复印件",
    }
}

code_enum! {
    /// 材料形式.
    MaterialFormat in "material_format" {
        Paper = "1" "纸质",
        Electronic = "2" "电子",
        PaperAndElectronic = "3" "纸质和电子",
    }
}

code_enum! {
    /// 来源渠道.
    MaterialSource in "material_source" {
        Applicant = "10" "申请人自备",
        Government = "20" "政府部门核发",
        Other = "99" "其他",
    }
}

code_enum! {
    /// 申报来源; 7 is our own extension.
    ApplyChannel in "apply_channel" {
        DepartmentWindow = "0" "部门业务系统窗口收件",
        Desktop = "1" "PC端网上申报",
        Mobile = "2" "移动端网上申报",
        AssignedFromAbove = "3" "上级交办",
        ReportedFromBelow = "4" "下级报送",
        TransferredByPeer = "5" "同级转办",
        Kiosk = "7" "自助终端申报",
        OneWindow = "8" "线下一窗收件",
        OneWindowOnline = "9" "线上一窗收件",
    }
}

code_enum! {
    /// 办件状态: the 15 states of the construction-approval standard, used for every case.
    CaseEventState in "case_event_state" {
        Received = "1" "已接件",
        WithdrawnBeforeAcceptance = "2" "已撤件",
        Accepted = "3" "已受理",
        NotNeeded = "4" "不受理",
        AcceptanceRefused = "5" "不予受理",
        SupplementStarted = "6" "补正（开始）",
        SupplementEnded = "7" "补正（结束）",
        Handling = "8" "部门开始办理",
        SpecialStarted = "9" "特别程序（开始）",
        SpecialEnded = "10" "特别程序（结束）",
        Granted = "11" "办结（通过）",
        GrantedWithTolerance = "12" "办结（容缺通过）",
        Refused = "13" "办结（不通过）",
        Withdrawn = "14" "撤回",
        Annulled = "15" "撤销",
    }
}

impl CaseEventState {
    /// Whether the case is at rest: no clock of it runs any more.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::WithdrawnBeforeAcceptance
                | Self::NotNeeded
                | Self::AcceptanceRefused
                | Self::Granted
                | Self::GrantedWithTolerance
                | Self::Refused
                | Self::Withdrawn
                | Self::Annulled
        )
    }

    /// Whether the case can only be in this state after acceptance (行政许可法 第三十二条).
    pub const fn is_after_acceptance(self) -> bool {
        matches!(
            self,
            Self::Accepted
                | Self::Handling
                | Self::SpecialStarted
                | Self::SpecialEnded
                | Self::Granted
                | Self::GrantedWithTolerance
                | Self::Refused
                | Self::Withdrawn
                | Self::Annulled
        )
    }
}

code_enum! {
    /// 办结结果 of electronic supervision.
    FinishResult in "finish_result" {
        LicenceIssued = "0" "出证办结",
        Returned = "1" "退回办结",
        Voided = "2" "作废办结",
        Deleted = "3" "删除办结",
        ReportedUp = "4" "转报办结",
        SupplementNeverCame = "5" "补正不来办结",
        Concluded = "6" "办结",
        PaperConcluded = "7" "纸质办结",
    }
}

code_enum! {
    /// 审批环节.
    StepKind in "step_kind" {
        Handle = "1" "承办",
        Review = "2" "审核",
        Approve = "3" "批准",
    }
}

code_enum! {
    /// 特别程序种类, GB/T 39046-2020 A.7.
    SpecialType in "special_type_gb39046" {
        Extension = "1" "延长审批",
        Other = "2" "除延长审批之外的情况",
    }
}

code_enum! {
    /// 满意度, codes of GB/T 39046-2020 A.8: 1 is the best. The 好差评 interface counts the other way.
    Satisfaction in "satisfaction_gb39046" {
        VerySatisfied = "1" "非常满意",
        Satisfied = "2" "满意",
        FairlySatisfied = "3" "基本满意",
        Dissatisfied = "4" "不满意",
        VeryDissatisfied = "5" "非常不满意",
    }
}

impl Satisfaction {
    /// Code of the national 好差评 interface: `5` is the best.
    pub const fn interface_code(self) -> &'static str {
        match self {
            Self::VerySatisfied => "5",
            Self::Satisfied => "4",
            Self::FairlySatisfied => "3",
            Self::Dissatisfied => "2",
            Self::VeryDissatisfied => "1",
        }
    }

    /// Reads a code of the national 好差评 interface.
    pub fn from_interface_code(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|value| value.interface_code() == code)
    }

    /// 差评: the last two levels (国办发〔2019〕51号).
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::Dissatisfied | Self::VeryDissatisfied)
    }
}

code_enum! {
    /// 评价渠道; the numbering is not verified.
    RatingChannel in "eval_channel" {
        Desktop = "1" "PC端",
        Mobile = "2" "移动服务端",
        QrCode = "3" "二维码",
        HallTablet = "4" "政务大厅平板电脑",
        HallTerminal = "5" "政务大厅其他终端",
        Telephone = "6" "电话",
        TextMessage = "7" "短信",
    }
}

code_enum! {
    /// 证照状态.
    CertState in "cert_state" {
        Valid = "01" "有效",
        Withheld = "02" "暂扣",
        Annulled = "03" "撤销",
        Deregistered = "04" "注销",
        Expired = "05" "失效",
        MovedOut = "06" "办理转出",
        Revoked = "07" "吊销",
        Other = "99" "其他",
    }
}

code_enum! {
    /// 证照可信等级 (国办函〔2016〕108号).
    CertTrust in "cert_trust" {
        Issued = "A" "实施机构产生的证照批文,可直接使用",
        Verified = "B" "经窗口核验的证照,可重复使用",
        Uploaded = "C" "用户自行上传,需窗口核验原件后使用",
        SelfMade = "D" "用户自制材料,用户承诺真实",
    }
}

impl CertTrust {
    /// Whether a clerk must still compare it with the original.
    pub const fn needs_check(self) -> bool {
        matches!(self, Self::Uploaded | Self::SelfMade)
    }
}

code_enum! {
    /// 共享类型.
    ShareType in "share_type" {
        Unconditional = "1" "无条件共享",
        Conditional = "2" "有条件共享",
        NotShared = "3" "不予共享",
    }
}

code_enum! {
    /// 开放类型.
    OpenType in "open_type" {
        Unconditional = "1" "无条件开放",
        Conditional = "2" "有条件开放",
        NotOpen = "3" "不予开放",
    }
}

code_enum! {
    /// 工程建设项目审批阶段 (国办发〔2019〕11号).
    ConstructionStage in "stage" {
        LandUse = "1" "立项用地规划许可",
        Planning = "2" "工程建设许可",
        Construction = "3" "施工许可",
        Completion = "4" "竣工验收",
        Parallel = "5" "并行推进",
    }
}

code_enum! {
    /// 监察预警类型; the standard leaves the list open, this is ours.
    AlertType in "alert_type" {
        Notice = "1" "预警",
        Yellow = "2" "黄牌",
        Red = "3" "红牌",
    }
}

code_enum! {
    /// 业务动作.
    StepAction in "case_step_action" {
        Pass = "1" "通过",
        Return = "2" "退回",
        Other = "3" "其他",
    }
}

code_enum! {
    /// 环节办理状态.
    StepState in "case_step_state" {
        Pending = "1" "待办",
        Done = "2" "已办",
    }
}
