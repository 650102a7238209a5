//! G06, G07, G08, G17: visits and online handling.

use super::{Report, Rule};
use crate::model::item::ServiceItem;
use crate::model::lists::HandleType;

pub(super) fn check(item: &ServiceItem, report: &mut Report) {
    visits(item, report);
    entrance(item, report);
}

fn blank(text: &Option<String>) -> bool {
    text.as_deref()
        .is_none_or(|text| matches!(text.trim(), "" | "无"))
}

/// G06, G07, G08.
fn visits(item: &ServiceItem, report: &mut Report) {
    let Some(visits) = item.limit_scene_num else {
        return;
    };
    if visits > 0 && blank(&item.limit_scene_explain) {
        report.error(
            Rule::G06,
            "limit_scene_explain",
            format!("须到现场{visits}次，未说明必须现场办理的原因"),
        );
    }
    if visits > 0 && item.is_fully_online() {
        report.error(
            Rule::G08,
            "limit_scene_num",
            format!("网上办理深度为全程网办，到现场次数却为{visits}"),
        );
    }
    let by_mail =
        [item.is_express, item.is_mail_material, item.is_mail_result].contains(&Some(true));
    if visits == 0 && !item.is_fully_online() && !by_mail {
        report.error(
            Rule::G07,
            "is_express",
            "到现场次数为0又非全程网办，须支持物流快递",
        );
    }
}

/// G17.
fn entrance(item: &ServiceItem, report: &mut Report) {
    if item.is_online != Some(true) {
        return;
    }
    let reachable = [
        &item.online_handle_url,
        &item.mobile_terminal_url,
        &item.form_id,
    ];
    if reachable.iter().all(|address| blank(address)) {
        report.error(
            Rule::G17,
            "online_handle_url",
            "网上可办，但没有办理地址，也没有平台内的表单",
        );
    }
    if item
        .handle_type
        .as_ref()
        .is_some_and(|kinds| !kinds.contains(&HandleType::Online))
    {
        report.error(Rule::G17, "handle_type", "网上可办，办理形式却不含网上办理");
    }
}
