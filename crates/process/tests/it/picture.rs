//! The picture.

use tongban_process::{Marks, svg};

use crate::model::parse;
use crate::reference::{START, definition};
use crate::scenario::run;

#[test]
fn the_reference_process_is_drawn_with_its_marks() {
    let instance = run(
        definition(),
        &format!(
            "{START} | open pre_review\n complete pre_review outcome=accept | close pre_review, open accept"
        ),
    );
    let marks = Marks::of(&instance.def, &instance.state, &instance.record);
    let picture = svg(&instance.def, &marks);
    assert!(picture.contains(r#"<g class="node task user is-current" data-id="accept">"#));
    assert!(picture.contains(r#"<g class="node task user is-done" data-id="pre_review">"#));
    assert!(picture.contains(r#"<g class="flow is-done" data-id="f_passed">"#));
    assert!(picture.contains(r#"<g class="flow" data-id="f_grant">"#));
    assert!(!picture.contains("style") && !picture.contains("<script"));
    assert_eq!(picture.matches("<g class=\"node").count(), 16);
    assert_eq!(picture.matches("<g class=\"flow").count(), 18);
    assert_eq!(picture.matches("<rect class=\"lane\"").count(), 3);
    well_formed(&picture);
    expect_test::expect_file!["../../testdata/licence-approval.svg"].assert_eq(&picture);
}

#[test]
fn a_file_without_diagram_is_laid_out_without_overlap() {
    let def = parse(
        "start -> a -> x:xor\n x -[p]-> b -> a\n x -*-> s:and -> c -> j:and -> end\n s -> d -> j\n c ~P1D~> e -> end_2",
    );
    assert!(!def.has_diagram());
    let picture = svg(&def, &Marks::default());
    well_formed(&picture);
    let corner = |r: &str| r.split(" width").next().unwrap_or_default().to_owned();
    let tasks: Vec<String> = picture.split("<rect ").skip(1).map(corner).collect();
    let distinct: std::collections::BTreeSet<_> = tasks.iter().collect();
    assert_eq!((tasks.len(), distinct.len()), (5, 5));
    assert_eq!(picture.matches("<polyline").count(), 12);
}

/// Every tag that opens closes, in order.
fn well_formed(picture: &str) {
    let mut stack = Vec::new();
    for part in picture.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("a tag ends");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(stack.pop(), Some(name));
        } else if !tag.ends_with('/') {
            stack.push(tag.split(' ').next().expect("a name"));
        }
    }
    assert!(stack.is_empty());
}
