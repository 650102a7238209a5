//! What a citizen sees.

use proptest::prelude::*;
use tongban_catalogue::model::{Effort, Guide, NOT_PUBLISHED, ServiceItem, TaskType};

use crate::support::{ITEMS, answers, item};

fn names(guide: &Guide, effort: Effort) -> Vec<&str> {
    let materials = guide.materials.as_deref().expect("a list is published");
    materials
        .iter()
        .filter(|m| m.effort == effort)
        .map(|m| m.name.as_str())
        .collect()
}

#[test]
fn the_facts_strip_sets_law_against_promise() {
    let guide = Guide::of(&item("spjy"), &answers(&[]));
    assert_eq!(guide.facts.legal.text, "10个工作日");
    assert_eq!(guide.facts.promised.text, "5个工作日");
    assert_eq!(guide.facts.days_saved, Some(5));
    assert_eq!(guide.facts.visits.text, "0次");
    assert_eq!(guide.facts.fee.text, "不收费");
    let now = Guide::of(&item("gtsl"), &answers(&[]));
    assert_eq!(
        (now.facts.promised.text.as_str(), now.facts.immediate),
        ("当场办结", true)
    );
}

#[test]
fn answers_make_the_material_list_personal() {
    let item = item("spjy");
    let open = Guide::of(&item, &answers(&[]));
    assert!(!open.situation_settled);
    assert_eq!(
        names(&open, Effort::Depends),
        ["就餐区布局说明", "消防安全情况说明"]
    );
    assert_eq!(open.not_needed, [] as [&str; 0]);

    let shop = [("subject", "shop"), ("mode", "online"), ("size", "small")];
    let shop = Guide::of(&item, &answers(&shop));
    assert!(shop.situation_settled);
    assert_eq!(
        names(&shop, Effort::Bring),
        ["食品经营许可申请书", "主要设备设施、经营布局和操作流程文件"]
    );
    assert_eq!(
        names(&shop, Effort::Commitment),
        ["食品安全规章制度目录清单"]
    );
    assert_eq!(names(&shop, Effort::Conditional), ["授权委托书"]);
    assert_eq!(
        names(&shop, Effort::Exempt),
        [
            "营业执照或者其他主体资格证明",
            "经营者或者法定代表人身份证明",
            "从业人员健康证明",
            "经营场所使用证明"
        ]
    );
    assert_eq!(
        shop.not_needed,
        ["举办单位主体资格证明", "就餐区布局说明", "消防安全情况说明"]
    );
    assert_eq!(
        (shop.facts.materials_asked, shop.facts.materials_to_bring),
        (Some(8), Some(3))
    );

    let large = Guide::of(&item, &answers(&[("size", "large")]));
    assert_eq!(names(&large, Effort::Later), ["消防安全情况说明"]);
}

#[test]
fn a_question_that_does_not_apply_is_not_asked_and_its_answer_does_not_count() {
    let item = item("jzzqz");
    let asked = |guide: &Guide| -> Vec<String> {
        guide
            .questions
            .iter()
            .map(|question| question.code.clone())
            .collect()
    };
    let home = Guide::of(&item, &answers(&[("basis", "home"), ("house", "rent")]));
    assert_eq!(asked(&home), ["basis", "house", "overdue"]);
    assert!(names(&home, Effort::Bring).contains(&"房屋租赁合同"));
    let job = Guide::of(&item, &answers(&[("basis", "job"), ("house", "rent")]));
    assert_eq!(asked(&job), ["basis", "overdue"]);
    assert!(!job.situation_settled, "overdue is still open");
    assert!(
        job.not_needed.contains(&"房屋租赁合同".to_owned()),
        "nothing hangs on it any more"
    );
    let nonsense = Guide::of(&item, &answers(&[("basis", "moon"), ("nobody", "asks")]));
    assert!(!nonsense.questions[0].answered);
}

#[test]
fn what_is_not_published_is_said_and_not_invented() {
    let bare = ServiceItem::new("某事项", TaskType::Licence);
    let guide = Guide::of(&bare, &answers(&[]));
    for shown in [
        &guide.facts.legal,
        &guide.facts.visits,
        &guide.facts.fee,
        &guide.conditions,
    ] {
        assert_eq!(
            (shown.text.as_str(), shown.published),
            (NOT_PUBLISHED, false)
        );
    }
    assert!(guide.materials.is_none() && guide.steps.is_none() && guide.faq.is_none());
    assert_eq!(guide.facts.materials_asked, None);
    let unknown = guide.full.iter().flat_map(|section| &section.rows);
    assert_eq!(
        unknown.filter(|row| !row.shown.published).count(),
        guide.not_published
    );
    assert!(guide.not_published > 20);
    for id in ITEMS {
        assert_eq!(Guide::of(&item(id), &answers(&[])).not_published, 0, "{id}");
    }
}

#[test]
fn the_whole_guide_is_plain_data() {
    let guide = serde_json::to_value(Guide::of(&item("jnsc"), &answers(&[]))).expect("serialises");
    assert_eq!(
        guide["specials"][0]["time"]["text"],
        "15个工作日，不计入办理时限"
    );
    assert_eq!(guide["laws"][1]["clause"]["text"], NOT_PUBLISHED);
    assert_eq!(guide["demo"], true);
}

proptest! {
    #[test]
    fn whatever_is_answered_no_material_is_lost_or_doubled(
        id in prop::sample::select(&ITEMS[..]), picks in prop::collection::vec(0_usize..5, 3),
    ) {
        let item = item(id);
        let questions = item.situations.as_deref().unwrap_or_default();
        let given = questions.iter().zip(picks).filter_map(|(question, pick)| {
            Some((question.code.clone(), question.options.get(pick)?.code.clone()))
        });
        let guide = Guide::of(&item, &given.collect());
        let shown = guide.materials.as_deref().expect("a list");
        prop_assert_eq!(shown.len() + guide.not_needed.len(), item.materials().len());
        let mut places: Vec<usize> = shown.iter().map(|material| material.index).collect();
        places.sort_unstable();
        places.dedup();
        prop_assert_eq!(places.len(), shown.len());
        prop_assert!(guide.facts.materials_to_bring <= guide.facts.materials_asked);
        if guide.situation_settled {
            prop_assert!(shown.iter().all(|material| material.effort != Effort::Depends));
        }
    }
}

#[test]
fn the_application_that_the_form_makes_is_not_to_be_handed_in() {
    let item = item("spjy");
    let paper = Guide::of(&item, &answers(&[]));
    let online = Guide::of(&item, &answers(&[])).with_form("spjy");
    let effort = |guide: &Guide, key: &str| {
        let found = guide.materials.iter().flatten();
        found
            .filter(|material| material.key.as_deref() == Some(key))
            .map(|material| material.effort)
            .collect::<Vec<_>>()
    };
    assert_eq!(effort(&paper, "application"), [Effort::Bring]);
    assert_eq!(effort(&online, "application"), [Effort::Filled]);
    // A blank of another form still has to be filled in and handed in.
    assert_eq!(effort(&online, "rules"), effort(&paper, "rules"));
    let bring = |guide: &Guide| guide.facts.materials_to_bring.expect("a list");
    assert_eq!(bring(&online) + 1, bring(&paper));
}
