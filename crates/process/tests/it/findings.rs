//! Soundness: the checker's words for models that hang, and silence for those that do not.

use tongban_process::check;

use crate::model::parse;

fn rules(model: &str) -> String {
    let findings = check(&parse(model));
    assert!(findings.iter().all(|f| !f.message.is_empty()));
    findings
        .iter()
        .map(|f| format!("{} {}", f.rule, f.element))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn sound_models_have_no_findings() {
    for model in [
        "start -> a -> end",
        "start -> s:and -> a -> j:and -> end\n s -> b -> j",
        "start -> x:xor\n x -[p]-> a -> y:xor -> end\n x -*-> b -> y",
        "start -> a -> x:xor\n x -[again]-> a\n x -*-> end",
        "start -> o:or\n o -[p]-> a -> j:or -> end\n o -*-> b -> j",
        "start -> a -> end\n a ~P1D~> b -> end\n a ~~P1D~~> c -> end_c",
        "start -> s:and -> a -> x:terminate\n s -> b -> end",
    ] {
        assert_eq!(rules(model), "", "{model}");
    }
}

#[test]
fn faults_are_found_where_they_are() {
    for (model, wanted) in [
        (
            "start -> x:xor\n x -[p]-> a -> j:and -> end\n x -*-> b -> j",
            "deadlock j",
        ),
        ("start -> s:and -> a -> z -> end\n s -> b -> z", "twice z"),
        ("start -> a -> end\n b -> end", "unreachable b"),
        (
            "start -> a -> x:xor\n x -[p]-> a\n x -[q]-> end\n x -*-> b -> b2 -> b",
            "dead-end b, dead-end b2",
        ),
        (
            "start -> x:xor\n x -[p]-> a -> end\n x -[q]-> b -> end",
            "no-default x",
        ),
        (
            "start -> x:xor\n x -> a -> end\n x -[q]-> b -> end",
            "no-condition x",
        ),
        ("start -> a -> b", "implicit-end b"),
        ("start -> a -> j:and -> end\n a ~P1D~> b -> j", "deadlock j"),
    ] {
        assert_eq!(rules(model), wanted, "{model}");
    }
}

#[test]
fn a_task_without_post_is_a_fault() {
    let xml = crate::model::xml("start -> a -> end").replace("tb:post=\"p\"", "");
    let (def, _) = tongban_process::Definition::parse(xml.as_bytes()).expect("parses");
    let findings = check(&def);
    assert_eq!(findings[0].rule, "no-post");
    assert!(findings[0].message.contains("没有指定岗位"));
}

#[test]
fn a_huge_state_space_is_not_decided() {
    let mut model = "start -> s:and -> z1 -> j:and -> end\n".to_owned();
    for i in 2..=12 {
        model += &format!("s -> a{i} -> b{i} -> c{i} -> j\n");
    }
    assert_eq!(rules(&model), "not-decided p");
}
