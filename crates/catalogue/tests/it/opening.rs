//! Who may open an application for what.

use jiff::civil::date;
use tongban_catalogue::model::{HandlingItem, NotOpen, TaskState, TaskType};

use crate::support::{ITEMS, answers, item};
use tongban_catalogue::model::Guide;

#[test]
fn only_items_that_are_applied_for_may_be_opened() {
    let today = date(2026, 11, 23);
    for id in ITEMS {
        assert_eq!(item(id).open_application(None, today), Ok(()), "{id}");
    }
    let mut item = item("spjy");
    let open: Vec<&str> = TaskType::ALL
        .iter()
        .filter(|kind| {
            item.task_type = **kind;
            item.open_application(None, today).is_ok()
        })
        .map(|kind| kind.code())
        .collect();
    assert_eq!(open, ["01", "05", "07", "08", "09", "10", "20"]);
}

#[test]
fn state_dates_form_and_process_each_close_the_door() {
    let today = date(2026, 11, 23);
    let clean = item("spjy");
    let mut item = clean.clone();
    item.task_state = Some(TaskState::Suspended);
    assert_eq!(
        item.open_application(None, today),
        Err(NotOpen::State("暂停"))
    );
    assert_eq!(Guide::of(&item, &answers(&[])).out_of_use, Some("暂停"));
    let mut item = clean.clone();
    item.plan_effective_date = Some(date(2026, 11, 24));
    assert_eq!(
        item.open_application(None, today),
        Err(NotOpen::NotYet(date(2026, 11, 24)))
    );
    item.plan_effective_date = Some(today);
    assert_eq!(item.open_application(None, today), Ok(()));
    item.plan_cancel_date = Some(today);
    assert_eq!(
        item.open_application(None, today),
        Err(NotOpen::Ended(today))
    );
    let mut item = clean.clone();
    item.form_id = None;
    assert_eq!(item.open_application(None, today), Err(NotOpen::NoForm));
    let mut item = clean;
    item.process_id = None;
    assert_eq!(item.open_application(None, today), Err(NotOpen::NoProcess));
}

#[test]
fn where_there_are_handling_items_one_of_them_is_applied_for() {
    let today = date(2026, 11, 23);
    let mut item = item("spjy");
    let code = item.task_code.clone().expect("has a code");
    assert_eq!(item.applied_codes(), [code.as_str()]);
    let first = format!("{code}01");
    item.handling_items = Some(vec![
        HandlingItem::new(first.clone(), "新办".into()),
        HandlingItem::new(format!("{code}02"), "变更".into()),
    ]);
    assert_eq!(item.applied_codes(), [first.clone(), format!("{code}02")]);
    assert_eq!(
        item.open_application(None, today),
        Err(NotOpen::ChooseHandlingItem)
    );
    assert_eq!(
        item.open_application(Some("x"), today),
        Err(NotOpen::ChooseHandlingItem)
    );
    assert_eq!(item.open_application(Some(&first), today), Ok(()));
}
