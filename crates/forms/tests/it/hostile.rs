//! Input made to hurt.

use tongban_forms::{
    Answers, Evidence, FormDocument, FormErrorKind as Kind, Lang, Stamp, WhyIgnored,
};

use crate::common::{ctx, food, small};

#[test]
fn huge_and_deep_documents_are_refused_with_a_sentence() {
    let fields: Vec<String> = (0..100_000)
        .map(|n| format!(r#"{{"id":"f{n}","element":"text.line"}}"#))
        .collect();
    let errors = FormDocument::parse(&small(&fields.join(","))).expect_err("too large");
    assert!(matches!(errors[0].kind, Kind::TooLarge(_)));
    let errors = FormDocument::parse(&small(&fields[..5000].join(","))).expect_err("too many");
    assert!(matches!(errors[0].kind, Kind::TooMany(..)));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(
        FormDocument::parse(&deep).expect_err("deep")[0].kind,
        Kind::Json(_)
    ));
    let condition = format!(
        r#"{}{{"empty":{{"q":"a"}}}}{}"#,
        r#"{"not":"#.repeat(30),
        "}".repeat(30)
    );
    let fields = format!(
        r#"{{"id":"a","element":"text.line"}},{{"id":"b","element":"text.line","show_if":{condition}}}"#
    );
    let errors = FormDocument::parse(&small(&fields)).expect_err("deep condition");
    assert!(matches!(errors[0].kind, Kind::ConditionSize(..)));
}

#[test]
fn long_chains_of_conditions_do_not_exhaust_the_stack_or_the_clock() {
    let mut fields = vec![r#"{"id":"f0","element":"choice.yes_no"}"#.to_owned()];
    for n in 1..1900 {
        let before = n - 1;
        fields.push(format!(
            r#"{{"id":"f{n}","element":"choice.yes_no","show_if":{{"or":[{{"eq":[{{"q":"f{before}"}},true]}},{{"eq":[{{"q":"f0"}},false]}}]}}}}"#
        ));
    }
    fields.reverse();
    let form = FormDocument::parse(&small(&fields.join(","))).expect("reads");
    assert_eq!(form.analyse().errors.len(), 0);
    let outcome = form.validate(&Answers::default(), &Evidence::none(), &ctx());
    assert_eq!(outcome.problems.len(), 1);
}

#[test]
fn huge_posts_are_bounded() {
    let form = food();
    let pairs: Vec<(String, String)> = (0..100_000)
        .map(|n| (format!("managers.{n}.manager_name"), "x".repeat(20)))
        .collect();
    let input = form.parse_post("staff", &pairs);
    let mut answers = Answers::default();
    let ignored = input.merge_into(
        &form,
        &mut answers,
        &Evidence::none(),
        &ctx(),
        &Stamp::default(),
    );
    assert!(ignored.len() <= 101);
    assert_eq!(answers.rows("managers").len(), 20);
    let huge = vec![("area".to_owned(), "9".repeat(5_000_000))];
    let input = form.parse_post("place", &huge);
    assert_eq!(
        input.ignored.first().map(|i| i.why),
        Some(WhyIgnored::TooLong)
    );
}

#[test]
fn huge_answers_in_a_draft_give_short_problems() {
    let form = food();
    let mut answers = Answers::default();
    for field in form.fields() {
        answers.set(
            &field.id,
            "\u{202E}﷽９,".repeat(200_000).as_str(),
            &Stamp::default(),
        );
    }
    let outcome = form.validate(&answers, &Evidence::none(), &ctx());
    assert!(outcome.problems.len() > 10);
    for problem in &outcome.problems {
        assert!(
            problem.text(Lang::Zh).chars().count() < 200,
            "{}",
            problem.path
        );
    }
}
