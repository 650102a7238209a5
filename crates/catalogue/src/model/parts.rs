//! The parts of a service item: materials, fees, laws, questions, windows, steps, special procedures, results …

use serde::{Deserialize, Serialize};

use super::lists::{
    CertTrust, FlowLink, FlowStepKind, MatchRole, MaterialFormat, MaterialNeed, MaterialSource,
    MaterialType, SpecialKind, TimeUnit, WindowType,
};
use super::show::Show;
use super::situation::Condition;

/// A part with required fields before the semicolon and optional ones after it; `None` is not written.
macro_rules! part {
    ($(#[$meta:meta])* $name:ident shows |$me:ident| $show:expr;
     { $($(#[$rmeta:meta])* $req:ident : $rty:ty),+ $(,)? ; $($(#[$ometa:meta])* $opt:ident : $oty:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$rmeta])* pub $req: $rty,)+
            $($(#[$ometa])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $opt: Option<$oty>,)*
        }

        impl $name {
            /// A part that has only what it must have.
            pub fn new($($req: $rty),+) -> Self {
                Self { $($req,)+ $($opt: None,)* }
            }
        }

        impl Show for $name {
            fn show(&self) -> Option<String> {
                let $me = self;
                Some($show)
            }
        }
    };
}

part! {
    /// 申请材料.
    Material shows |m| m.material_name.clone();
    {
        /// 材料名称.
        material_name: String,
        /// 材料必要性.
        is_need: MaterialNeed,
        ;
        /// 材料编码: code of the item or handling item + 3 digits.
        material_code: String,
        /// Name of the material in the form document.
        material_key: String,
        /// 材料类型.
        material_type: MaterialType,
        /// 材料形式.
        material_format: MaterialFormat,
        /// 非必要时的办理情形.
        handle_case: String,
        /// 原件份数.
        original_num: u16,
        /// 复印件份数.
        copy_num: u16,
        /// 纸质材料份数.
        page_num: u16,
        /// 纸质材料规格.
        page_format: String,
        /// 来源渠道.
        source_type: MaterialSource,
        /// 来源渠道说明.
        source_explain: String,
        /// 出具机构.
        issue_org: String,
        /// 出具时间要求.
        issue_time_req: String,
        /// 材料办理说明.
        obtain_explain: String,
        /// 材料办理地点.
        obtain_addr: String,
        /// 使用说明.
        use_explain: String,
        /// 空白表格 (file name or id).
        form_guid: String,
        /// 示例样表 (file name or id).
        example_guid: String,
        /// 填报须知.
        fill_explain: String,
        /// 受理标准.
        accept_stand: String,
        /// 要求提供材料的依据.
        by_law: String,
        /// 签名签章要求.
        sign_ask: String,
        /// 是否需本人现场填写.
        is_self: bool,
        /// 是否可容缺.
        is_tolerance: bool,
        /// 容缺补正方式.
        tolerance_way: String,
        /// 容缺补正期限, working days.
        tolerance_days: u16,
        /// 是否可用告知承诺代替.
        is_commitment: bool,
        /// 可由电子证照代替: licence types, any of which will do.
        cert_type_code: Vec<String>,
        /// 可由数据共享获得: data resource (在线政务服务若干规定 第七条: must then not be asked for).
        share_resource_code: String,
        /// Lowest trust class that is taken.
        min_trust: CertTrust,
        /// 适用情形: when absent, the material is asked for in every situation.
        applies_if: Condition,
        /// 排序.
        order_num: u16,
        /// 备注.
        remark: String,
    }
}

impl Material {
    /// Whether a licence or shared data stands in for the material, so that the applicant need not hand it in.
    pub fn is_exempt(&self) -> bool {
        self.share_resource_code.is_some()
            || self
                .cert_type_code
                .as_ref()
                .is_some_and(|types| !types.is_empty())
    }
}

part! {
    /// 收费项目.
    Fee shows |f| format!("{}：{}", f.fee_name, f.fee_stand);
    {
        /// 收费项目名称.
        fee_name: String,
        /// 收费标准.
        fee_stand: String,
        ;
        /// 收费依据.
        by_law: String,
        /// 是否允许减免.
        is_desc: bool,
        /// 减免依据.
        desc_explain: String,
        /// 备注.
        remark: String,
        /// 排序.
        order_num: u16,
    }
}

part! {
    /// 法律依据.
    Law shows |l| match &l.clause_number {
        Some(clause) => format!("{} {clause}", l.law_name),
        None => l.law_name.clone(),
    };
    {
        /// 法律法规名称.
        law_name: String,
        ;
        /// 文号.
        law_number: String,
        /// 条款号.
        clause_number: String,
        /// 条款内容.
        clause_content: String,
        /// 颁布机关.
        issue_dept: String,
        /// 实施日期, as published.
        effective_date: String,
        /// 法律层级 (法律, 行政法规, 部门规章 …).
        level: String,
    }
}

part! {
    /// 常见问题.
    Question shows |q| q.question.clone();
    {
        /// 问题.
        question: String,
        /// 解答.
        answer: String,
        ;
        /// 排序.
        order_num: u16,
    }
}

part! {
    /// 办理窗口.
    Window shows |w| w.window_name.clone();
    {
        /// 窗口名称.
        window_name: String,
        ;
        /// 办理地点.
        transact_addr: String,
        /// 办理时间.
        transact_time: String,
        /// 窗口电话.
        window_tel: String,
        /// 地图地址.
        map_url: String,
        /// 交通指引.
        traffic_info: String,
        /// 受理地点分类.
        window_type: WindowType,
        /// 所在大厅.
        lobby: String,
    }
}

part! {
    /// 办理流程的一步.
    FlowStep shows |s| s.step.label().to_owned();
    {
        /// 环节大类.
        link: FlowLink,
        /// 步骤.
        step: FlowStepKind,
        ;
        /// 步骤说明名称, when it differs from the label of the step.
        step_name: String,
        /// 办理人员.
        transactor: String,
        /// 办理时限, as published.
        time_limit: String,
        /// 审查标准.
        check_standard: String,
        /// 办理结果.
        result: String,
    }
}

part! {
    /// 特别程序 (行政许可法 第四十五条: its time does not count).
    SpecialProcedure shows |s| s.special_name.clone();
    {
        /// 名称.
        special_name: String,
        ;
        /// 种类.
        kind: SpecialKind,
        /// 所需天数.
        special_days: u16,
        /// 单位.
        day_type: TimeUnit,
        /// 依据.
        basis: String,
        /// 实施机构.
        dept: String,
        /// 电话.
        tel: String,
    }
}

part! {
    /// 审批结果.
    ItemResult shows |r| r.result_name.clone();
    {
        /// 结果名称.
        result_name: String,
        ;
        /// 结果细类, as published.
        result_kind: String,
        /// 结果样本 (file name or id).
        sample_guid: String,
        /// 证照类型代码: what kind of electronic licence is issued.
        cert_type_code: String,
        /// 有效期.
        validity: String,
        /// 是否年检.
        is_annual_check: bool,
        /// 是否须现场领取.
        need_on_site: bool,
    }
}

part! {
    /// 中介服务 (优化营商环境条例 第四十三条: must have a legal basis and be published).
    Intermediary shows |i| i.name.clone();
    {
        /// 名称.
        name: String,
        ;
        /// 依据.
        basis: String,
        /// 时限.
        time_limit: String,
        /// 收费.
        fee: String,
        /// 机构名单.
        bodies: Vec<String>,
    }
}

part! {
    /// 业务办理项: the smallest thing that is applied for.
    HandlingItem shows |h| h.task_name.clone();
    {
        /// 业务办理项编码: code of the item + 2 digits.
        task_handle_item: String,
        /// 名称.
        task_name: String,
        ;
        /// Form of this handling item when it differs from that of the item.
        form_id: String,
        /// 备注.
        remark: String,
    }
}

part! {
    /// 配合部门: an organ that reviews in parallel or is asked for its opinion.
    MatchDept shows |d| format!("{}（{}）", d.dept_name, d.role.label());
    {
        /// 名称.
        dept_name: String,
        /// 统一社会信用代码.
        dept_code: String,
        /// 方式.
        role: MatchRole,
        ;
        /// What the organ looks at.
        task: String,
        /// Days for the opinion, working days, inside the promised limit.
        days: u16,
        /// When the organ is asked at all.
        applies_if: Condition,
    }
}
