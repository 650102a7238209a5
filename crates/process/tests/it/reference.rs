//! The reference process 许可审批, by its file.

use tongban_process::{Definition, Severity, check};

use crate::scenario::run;

pub(crate) const FILE: &[u8] = include_bytes!("../../testdata/licence-approval.bpmn");

pub(crate) fn definition() -> Definition {
    let (def, warnings) = Definition::parse(FILE).expect("the reference process is executed whole");
    assert_eq!(warnings, []);
    def
}

pub(crate) const START: &str = "start review_organ_1=消防 review_organ_2=卫健 review_organ_3=环保";

#[test]
fn a_licence_is_granted_after_one_supplement() {
    let scenario = format!(
        "
        {START}                        | open pre_review
        complete pre_review outcome=supplement | close pre_review, open supplement
        complete supplement            | close supplement, open pre_review
        complete pre_review outcome=accept | close pre_review, open accept
        complete accept                | close accept, open review_1@消防, open review_2@卫健, open review_3@环保
        complete review_2              | close review_2
        complete review_3              | close review_3
        complete review_1              | close review_1, open decide
        complete decide decision=maybe | error: “decision_outcome”没有一个分支的条件成立，也没有缺省分支
        complete decide decision=grant | close decide, call issue
        done issue licence=L1          | ended granted
        "
    );
    run(definition(), &scenario);
}

#[test]
fn it_can_be_refused_at_both_gates() {
    let refused = format!(
        "{START} | open pre_review\n complete pre_review outcome=refuse | close pre_review, ended not-accepted"
    );
    run(definition(), &refused);
    let denied = format!(
        "
        {START}            | open pre_review
        complete pre_review outcome=accept | close pre_review, open accept
        complete accept    | close accept, open review_1@消防, open review_2@卫健, open review_3@环保
        return review_2 pre_review | cancel review_1, cancel review_3, cancel review_2, open pre_review
        complete pre_review outcome=accept | close pre_review, open accept
        complete accept    | close accept, open review_1@消防, open review_2@卫健, open review_3@环保
        complete review_1  | close review_1
        complete review_2  | close review_2
        complete review_3  | close review_3, open decide
        complete decide decision=refuse | close decide, ended denied
        "
    );
    run(definition(), &denied);
}

#[test]
fn a_missing_organ_is_refused_where_it_is_needed() {
    run(
        definition(),
        "
        start | open pre_review
        complete pre_review outcome=accept | close pre_review, open accept
        complete accept | error: “review_1”：表达式 review_organ_1 应得到文字，实为 null
        set review_organ_1=a review_organ_2=b review_organ_3=c | -
        complete accept | close accept, open review_1@a, open review_2@b, open review_3@c
        ",
    );
}

#[test]
fn it_is_sound_and_its_file_is_kept_byte_for_byte() {
    let def = definition();
    let findings = check(&def);
    assert!(
        findings.iter().all(|f| f.severity == Severity::Notice),
        "{findings:#?}"
    );
    let rules: Vec<_> = findings.iter().map(|f| (f.rule, &*f.element)).collect();
    assert_eq!(
        rules,
        [
            ("no-default", "pre_review_outcome"),
            ("no-default", "decision_outcome")
        ]
    );
    assert_eq!(def.xml(), FILE);
    assert_eq!(def.hash().len(), 64);
    let (again, _) = Definition::parse(def.xml()).expect("what is exported is imported");
    assert_eq!(again.hash(), def.hash());
    assert_eq!((&**def.id(), def.name()), ("licence-approval", "许可审批"));
}

#[test]
fn the_return_targets_of_the_decision_are_the_steps_before_the_fork() {
    let def = definition();
    let targets: Vec<&str> = def
        .return_targets("decide")
        .iter()
        .map(|e| &**e.id)
        .collect();
    assert_eq!(targets, ["pre_review", "accept"]);
}

#[test]
fn the_state_stays_small() {
    let scenario = format!(
        "{START} | open pre_review\n complete pre_review outcome=accept | close pre_review, open accept\n complete accept | close accept, open review_1@消防, open review_2@卫健, open review_3@环保"
    );
    let instance = run(definition(), &scenario);
    let text = serde_json::to_string(&instance.state).expect("JSON");
    expect_test::expect![[r#"{"v":2,"status":"running","next":9,"scopes":[{"i":0,"p":0,"e":"licence-approval","w":{"process":null},"v":{"outcome":"accept","review_organ_1":"消防","review_organ_2":"卫健","review_organ_3":"环保"}}],"tokens":[{"i":1,"e":"review_1","o":{"task":6}},{"i":4,"e":"review_2","o":{"task":7}},{"i":5,"e":"review_3","o":{"task":8}}]}"#]]
    .assert_eq(&text);
    assert!(text.len() <= 1024);
}

#[test]
fn three_organs_review_then_countersign_with_a_veto() {
    let file = include_bytes!("../../testdata/licence-approval-countersign.bpmn");
    let (def, warnings) = Definition::parse(file).expect("executed whole");
    assert_eq!(warnings, []);
    let found = tongban_process::check(&def);
    assert!(
        found
            .iter()
            .all(|one| one.severity != tongban_process::Severity::Fault),
        "{found:?}"
    );
    let moves: Vec<&str> = def.move_targets().map(|e| &**e.id).collect();
    assert_eq!(
        moves,
        [
            "supplement",
            "pre_review",
            "accept",
            "review_split",
            "countersign",
            "reconsider",
            "decide"
        ],
        "no branch between split and join"
    );
    let to_the_panel = "
        start review_organ_1=市监 review_organ_2=消防 review_organ_3=环保 | open pre_review
        complete pre_review outcome=accept | close pre_review, open accept
        complete accept   | close accept, open review_1@市监, open review_2@消防, open review_3@环保
        complete review_1 | close review_1
        complete review_2 | close review_2
        complete review_3 | close review_3, open countersign@市监, open countersign@消防, open countersign@环保";
    for rest in [
        "complete countersign agreed=true  | close countersign
         complete countersign agreed=true  | close countersign
         complete countersign agreed=true  | close countersign, open decide
         complete decide decision=refuse   | close decide, ended denied",
        "complete countersign agreed=false | close countersign, cancel countersign, cancel countersign, open reconsider@市监
         complete reconsider               | close reconsider, open decide
         complete decide decision=refuse   | close decide, ended denied",
    ] {
        run(def.clone(), &format!("{to_the_panel}\n{rest}"));
    }
}

#[test]
fn one_organ_reviews_alone_and_once() {
    let file = include_bytes!("../../testdata/licence-approval-single.bpmn");
    let (def, warnings) = Definition::parse(file).expect("executed whole");
    assert_eq!(warnings, []);
    assert_eq!(&**def.id(), "licence-approval-single");
    let granted = "
        start review_organ_1=交通          | open pre_review
        complete pre_review outcome=supplement | close pre_review, open supplement
        complete supplement                | close supplement, open pre_review
        complete pre_review outcome=accept | close pre_review, open accept
        complete accept                    | close accept, open review@交通
        complete review                    | close review, open decide
        complete decide decision=grant     | close decide, call issue
        done issue licence=L1              | ended granted
        ";
    run(def.clone(), granted);
    let denied = "
        start review_organ_1=交通          | open pre_review
        complete pre_review outcome=accept | close pre_review, open accept
        complete accept                    | close accept, open review@交通
        complete review                    | close review, open decide
        complete decide decision=refuse    | close decide, ended denied
        ";
    run(def, denied);
}
