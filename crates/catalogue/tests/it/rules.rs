//! Every rule is silent on a clean item and speaks on the one change that breaks it.

use tongban_catalogue::model::{
    Condition, DeptType, Fee, HandleType, Intermediary, Material, MaterialNeed, PowerSource,
    ProjectType, QualityReport, ResultType, Rule, ServiceItem, Severity, check,
};

use crate::support::{ITEMS, item, rules, show};

type Break = fn(&mut ServiceItem);

fn material(item: &mut ServiceItem, at: usize) -> &mut Material {
    item.materials
        .as_mut()
        .expect("has materials")
        .get_mut(at)
        .expect("so many")
}

/// One change, the one rule that it breaks.
const BREAKS: &[(Rule, Break)] = &[
    (Rule::G00, |i| i.windows = None),
    (Rule::G00, |i| i.power_source = None),
    (Rule::G01, |i| i.project_type = Some(ProjectType::Immediate)),
    (Rule::G01, |i| {
        (i.promise_day, i.promise_explain) = (Some(0), None)
    }),
    (Rule::G02, |i| {
        (i.promise_day, i.promise_explain) = (Some(11), None)
    }),
    (Rule::G03, |i| {
        i.anticipate_day = Some(46);
        i.anticipate_explain = None;
    }),
    (Rule::G04, |i| {
        i.result_type = Some(vec![ResultType::Approval])
    }),
    (Rule::G05, |i| {
        i.result_guid = None;
        i.results.as_mut().expect("has results")[0].sample_guid = None;
    }),
    (Rule::G06, |i| {
        i.limit_scene_num = Some(1);
        i.limit_scene_explain = Some("无".to_owned());
        i.online_handle_depth = None;
    }),
    (Rule::G07, |i| {
        i.online_handle_depth = None;
        (i.is_express, i.is_mail_material, i.is_mail_result) = (Some(false), None, None);
    }),
    (Rule::G08, |i| {
        i.limit_scene_num = Some(1);
        i.limit_scene_explain = Some("核验原件".to_owned());
    }),
    (Rule::G09, |i| i.is_pay_online = Some(true)),
    (Rule::G09, |i| {
        i.fees = Some(vec![Fee::new("工本费".into(), "5元".into())])
    }),
    (Rule::G09, |i| i.is_fee = Some(true)),
    (Rule::G10, |i| i.supervise_way.clone_from(&i.link_way)),
    (Rule::G11, |i| i.user_topic_type = None),
    (Rule::G11, |i| {
        i.corp_topic_type = Some(vec!["080".to_owned()])
    }),
    (Rule::G12, |i| i.questions = Some(Vec::new())),
    (Rule::G12, |i| {
        i.flow_steps.as_mut().expect("has steps").truncate(4)
    }),
    (Rule::G13, |i| {
        material(i, 4).is_need = MaterialNeed::Conditional
    }),
    (Rule::G13, |i| material(i, 1).issue_org = None),
    (Rule::G13, |i| material(i, 0).example_guid = None),
    (Rule::G14, |i| {
        material(i, 4).material_name = "其他相关材料".to_owned()
    }),
    (Rule::G14, |i| {
        material(i, 4).material_name = "布局图等材料".to_owned()
    }),
    (Rule::G14, |i| {
        i.accept_condition = Some("法律法规规定的其他条件".to_owned())
    }),
    (Rule::G14, |i| {
        i.accept_condition = Some("符合消防、环保等方面的规定".to_owned())
    }),
    (Rule::G15, |i| {
        i.promise_explain = Some("受理之日起1个工作日。".to_owned())
    }),
    (Rule::G15, |i| {
        let question = &mut i.questions.as_mut().expect("has questions")[0];
        question.question = "几日内办结".to_owned();
        question.answer = "20日内".to_owned();
    }),
    (Rule::G16, |i| i.dept_type = Some(DeptType::Entrusted)),
    (Rule::G16, |i| {
        i.power_source = Some(PowerSource::EntrustedPeer)
    }),
    (Rule::G17, |i| {
        i.handle_type = Some(vec![HandleType::Window])
    }),
    (Rule::G17, |i| {
        (i.online_handle_url, i.mobile_terminal_url, i.form_id) = (None, None, None);
    }),
    (Rule::G18, |i| {
        material(i, 4).share_resource_code = Some("YZ-BDC-0001".to_owned())
    }),
    (Rule::G18, |i| {
        material(i, 4).cert_type_code = Some(vec!["x".to_owned()])
    }),
    (Rule::G19, |i| {
        i.catalog_code = Some("330101001000".to_owned())
    }),
    (Rule::G19, |i| {
        i.dept_code = Some("11339900009900013K".to_owned())
    }),
    (Rule::G19, |i| {
        i.match_depts.as_mut().expect("has depts")[0].dept_code = "1".to_owned()
    }),
    (Rule::G19, |i| {
        material(i, 0).material_code = Some("123".to_owned())
    }),
    (Rule::S01, |i| {
        let question = &mut i.situations.as_mut().expect("has questions")[2];
        question.options[0].code = String::new();
        i.materials = Some(i.materials().iter().take(5).cloned().collect());
    }),
    (Rule::S01, |i| {
        material(i, 4).applies_if = Some(Condition::Is("subject".into(), "nobody".into()));
    }),
];

#[test]
fn each_rule_speaks_on_the_change_that_breaks_it_and_no_other_rule_does() {
    let clean = item("spjy");
    assert_eq!(rules(&clean), [], "{}", show(&check(&clean)));
    for (at, (rule, spoil)) in BREAKS.iter().enumerate() {
        let mut broken = clean.clone();
        spoil(&mut broken);
        let findings = check(&broken);
        assert_eq!(rules(&broken), [*rule], "change {at}:\n{}", show(&findings));
        let message = &findings.first().expect("one finding").message;
        assert!(!message.is_ascii(), "people read {message:?}");
    }
    for rule in Rule::ALL {
        assert!(
            BREAKS.iter().any(|(broken, _)| broken == rule),
            "{} has no case",
            rule.code()
        );
    }
}

#[test]
fn contradictions_and_check_digits_warn_and_do_not_keep_from_publishing() {
    let mut item = item("spjy");
    item.promise_explain = Some("受理之日起1个工作日。".to_owned());
    item.accept_condition = Some("符合消防、环保等方面的规定".to_owned());
    item.match_depts.as_mut().expect("has depts")[0].dept_code = "9033090376131409XE".to_owned();
    let findings = check(&item);
    assert_eq!(findings.len(), 3, "{}", show(&findings));
    assert!(
        findings.iter().all(|f| f.severity == Severity::Warning),
        "{}",
        show(&findings)
    );
    let report = QualityReport::over([&item]);
    assert_eq!((report.items, report.clean, report.publishable), (1, 0, 1));
}

#[test]
fn a_comparison_is_silent_while_one_side_is_not_published() {
    let mut item = item("spjy");
    (item.anticipate_day, item.anticipate_explain, item.link_way) = (None, None, None);
    item.server_type = None;
    assert_eq!(rules(&item), [Rule::G00], "{}", show(&check(&item)));
}

#[test]
fn the_quality_report_counts_what_is_missing_and_what_hits() {
    let mut items: Vec<ServiceItem> = ITEMS.iter().map(|id| item(id)).collect();
    items[0].link_way = None;
    items[1].link_way = None;
    items[1].intermediaries = Some(vec![Intermediary::new("评审".into())]);
    items[2].is_pay_online = Some(true);
    let report = QualityReport::over(&items);
    assert_eq!((report.items, report.clean, report.publishable), (6, 3, 3));
    assert_eq!(report.accuracy_permille(), Some(500));
    let phone = report
        .missing
        .iter()
        .find(|m| m.element == "link_way")
        .expect("missing");
    assert_eq!(
        (phone.label, phone.items, phone.required),
        ("咨询方式", 2, 2)
    );
    let entrusted = report
        .missing
        .iter()
        .find(|m| m.element == "entrust_name")
        .expect("missing");
    assert_eq!((entrusted.items, entrusted.required), (6, 0), "optional");
    let hits: Vec<_> = report
        .hits
        .iter()
        .map(|h| (h.rule, h.items, h.errors))
        .collect();
    assert_eq!(hits, [(Rule::G00, 2, 2), (Rule::G09, 1, 1)]);
    assert_eq!(QualityReport::over([]).accuracy_permille(), None);
}
