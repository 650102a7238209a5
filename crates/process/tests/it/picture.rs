//! The picture.

use std::collections::BTreeMap;

use tongban_process::feel::Names;
use tongban_process::{
    Binding, Command, Decided, Definition, Library, Marks, Missing, State, Vars, step, svg,
};

use crate::model::parse;
use crate::reference::{START, definition};
use crate::scenario::{Instance, NOW, run};

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
fn every_mark_has_a_sign_or_a_figure_besides_its_colour() {
    let def = definition();
    let mut marks = Marks::default();
    marks.done.insert("pre_review".into());
    marks.cancelled.insert("accept".into());
    marks.stopped.insert("issue".into());
    let note = marks.note(&"accept".into());
    note.told = vec!["退回：张三 <3月4日>".to_owned()];
    note.count = "×2".to_owned();
    note.href = "/admin/processes/ab".to_owned();
    let busy = marks.note(&"decide".into());
    (busy.count, busy.late, busy.heat) = ("12".to_owned(), "迟 3".to_owned(), 4);
    let picture = svg(&def, &marks);
    well_formed(&picture);
    assert_eq!(picture.matches("class=\"badge\"").count(), 3);
    assert!(picture.contains("<title>受理\n退回：张三 &lt;3月4日&gt;</title>"));
    assert!(picture.contains(r#"<g class="node task user is-cancelled" data-id="accept">"#));
    assert!(picture.contains(r#"<g class="node task user heat-4" data-id="decide">"#));
    assert!(picture.contains(">12</text>") && picture.contains(">迟 3</text>"));
    // Where something can be followed, the whole is no image whose parts nobody is told.
    assert!(
        picture.contains(r#"<a href="/admin/processes/ab">"#)
            && picture.contains(r#"role="group""#)
    );
    assert!(svg(&def, &Marks::default()).contains(r#"role="img""#));
}

#[test]
fn what_is_held_by_an_incident_is_marked() {
    let mut instance = Instance::new(parse(
        "start -> x:xor -> m:manual -> y:xor\n y -[true]-> x\n y -*-> end",
    ));
    assert_eq!(instance.say("start"), "incident f2");
    let marks = Marks::of(&instance.def, &instance.state, &instance.record);
    assert!(marks.stopped.contains("f2"), "{:?}", marks.stopped);
    let picture = svg(&instance.def, &marks);
    assert!(picture.contains(r#"is-stopped" data-id="f2">"#));
}

/// A file that calls a process of another file.
struct Calling {
    caller: Definition,
    called: Definition,
}

impl Library for Calling {
    fn main(&self) -> &Definition {
        &self.caller
    }
    fn called(&self, hash: &str) -> Option<&Definition> {
        Some(&self.called).filter(|called| called.hash() == hash)
    }
    fn resolve<'a>(&'a self, _: &'a Definition, of: &str, _: &Binding) -> Option<&'a Definition> {
        Some(&self.called).filter(|_| of == "q")
    }
    fn decide(
        &self,
        _: &Definition,
        _: &str,
        _: &Binding,
        _: &dyn Names,
    ) -> Result<Decided, Missing> {
        unreachable!("no rule is asked")
    }
}

#[test]
fn a_called_file_shows_where_it_stands() {
    let caller = crate::constructs::file(
        "",
        &format!(
            "{}<bpmn:callActivity id=\"call\" calledElement=\"q\"/>{}",
            crate::constructs::START,
            crate::constructs::END
        ),
        "s>call call>e",
    );
    let called = crate::model::xml("start -> b -> end").replace("id=\"p\"", "id=\"q\"");
    let read = |xml: &str| Definition::parse(xml.as_bytes()).expect("parses").0;
    let both = Calling {
        caller: read(&caller),
        called: read(&called),
    };
    let start = Command::start(Vars::new());
    let state = step(&both, &State::default(), &start, NOW);
    let state = state.expect("started").state;
    let inside = Marks::inside(&state, both.called.hash());
    assert_eq!(inside.current.iter().collect::<Vec<_>>(), [&"b".into()]);
    let outside = Marks::of(&both.caller, &state, []);
    assert_eq!(outside.current.iter().collect::<Vec<_>>(), [&"call".into()]);
    let nowhere = Marks::inside(&state, both.caller.hash());
    assert!(nowhere.current.is_empty(), "{:?}", nowhere.current);
}

#[test]
fn a_file_without_diagram_is_given_ours_and_says_the_same() {
    let text = "start -> a -> x:xor\n x -[p]-> b -> a\n x -*-> c -> end\n c ~P1D~> e -> end_2";
    let def = parse(text);
    let given = tongban_process::with_diagram(&def).expect("a file");
    let (again, _) = tongban_process::Definition::parse(&given).expect("it is still a process");
    assert!(again.has_diagram() && !def.has_diagram());
    assert_eq!(
        svg(&again, &Marks::default())
            .matches("<g class=\"node")
            .count(),
        9
    );
    let ids =
        |d: &tongban_process::Definition| d.elements().map(|e| e.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&again), ids(&def));
    assert_eq!(again.sequence_flows().count(), def.sequence_flows().count());
    // What has a diagram comes back byte for byte.
    assert_eq!(
        tongban_process::with_diagram(&again).as_deref(),
        Some(&given[..])
    );
}

/// What a file without diagram is drawn as: boxes by element, lines by flow.
struct Drawn {
    boxes: Vec<(String, [f64; 4])>,
    lines: Vec<(String, Vec<(f64, f64)>)>,
}

fn number(text: &str, name: &str) -> Option<f64> {
    let rest = text.split_once(&format!(" {name}=\""))?.1;
    rest.split('"').next()?.parse().ok()
}

fn drawn(picture: &str) -> Drawn {
    let (mut boxes, mut lines) = (Vec::new(), Vec::new());
    for part in picture.split("<g class=\"").skip(1) {
        let Some((_, rest)) = part.split_once("data-id=\"") else {
            continue;
        };
        let id = rest.split('"').next().unwrap_or_default().to_owned();
        let points = |attribute: &str| {
            let list = rest.split_once(attribute).map_or("", |(_, rest)| rest);
            let list = list.split('"').next().unwrap_or_default();
            let point = |p: &str| {
                let (x, y) = p.split_once(',')?;
                Some((x.parse().ok()?, y.parse().ok()?))
            };
            list.split(' ')
                .filter_map(point)
                .collect::<Vec<(f64, f64)>>()
        };
        if part.starts_with("flow") {
            lines.push((id, points("<polyline points=\"")));
            continue;
        }
        let shape = rest
            .split("<title>")
            .nth(1)
            .and_then(|r| r.split_once("</title>"));
        let shape = shape.map_or("", |(_, shape)| shape);
        let shape = shape.split('>').next().unwrap_or_default();
        let b = if shape.starts_with("<rect") {
            let n = |name| number(shape, name).expect("a number");
            [n("x"), n("y"), n("x") + n("width"), n("y") + n("height")]
        } else if shape.starts_with("<circle") {
            let n = |name| number(shape, name).expect("a number");
            [
                n("cx") - n("r"),
                n("cy") - n("r"),
                n("cx") + n("r"),
                n("cy") + n("r"),
            ]
        } else {
            let p = points("<polygon points=\"");
            [p[3].0, p[0].1, p[1].0, p[2].1]
        };
        boxes.push((id, b));
    }
    Drawn { boxes, lines }
}

/// No two elements overlap, lines have right angles, and no line crosses an element that it does not belong to.
#[track_caller]
fn is_tidy(text: &str) {
    let def = parse(text);
    assert!(!def.has_diagram());
    let picture = svg(&def, &Marks::default());
    well_formed(&picture);
    assert_eq!(picture, svg(&parse(text), &Marks::default()));
    let Drawn { boxes, lines } = drawn(&picture);
    assert_eq!(boxes.len(), def.elements().count());
    assert_eq!(lines.len(), def.sequence_flows().count(), "{text}");
    let attached = |id: &str| {
        def.element(id)
            .is_some_and(|e| e.element == "boundaryEvent")
    };
    let apart =
        |a: &[f64; 4], b: &[f64; 4]| a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
    for (i, (one, a)) in boxes.iter().enumerate() {
        for (other, b) in boxes.iter().skip(i + 1) {
            let fine = apart(a, b) || attached(one) || attached(other);
            assert!(fine, "{one} over {other} in\n{text}");
        }
    }
    for (id, points) in &lines {
        let mut flows = def.sequence_flows();
        let (_, _, source, target) = flows.find(|(f, ..)| ***f == **id).expect("a flow");
        for pair in points.windows(2) {
            let (p, q) = (pair[0], pair[1]);
            assert!(
                (p.0 - q.0).abs() < 0.11 || (p.1 - q.1).abs() < 0.11,
                "{id} is slanted in\n{text}"
            );
            let piece = [p.0.min(q.0), p.1.min(q.1), p.0.max(q.0), p.1.max(q.1)];
            for (other, b) in &boxes {
                let inside = [b[0] + 1.0, b[1] + 1.0, b[2] - 1.0, b[3] - 1.0];
                let own = **other == **source
                    || **other == **target
                    || attached(other)
                    || attached(source);
                assert!(
                    own || apart(&piece, &inside),
                    "{id} through {other} in\n{text}"
                );
            }
        }
    }
}

#[test]
fn a_file_without_diagram_is_laid_out_tidily() {
    is_tidy(
        "start -> a -> x:xor\n x -[p]-> b -> a\n x -*-> s:and -> c -> j:and -> end\n s -> d -> j\n c ~P1D~> e -> end_2",
    );
    is_tidy("start -> a -> b -> c -> end\n a -> c\n c -> a\n b -> b");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_is_laid_out_is_tidy(b in crate::properties::block()) {
        is_tidy(&crate::properties::model(&b));
    }
}

/// The sub-process in which each element is written.
fn around(xml: &str) -> BTreeMap<&str, Option<&str>> {
    let (mut found, mut open) = (BTreeMap::new(), Vec::new());
    for tag in xml.split("<bpmn:").skip(1) {
        let id = tag
            .split_once(" id=\"")
            .and_then(|(_, rest)| rest.split('"').next());
        let id = id.filter(|_| !tag.starts_with("sequenceFlow"));
        found.extend(id.map(|id| (id, open.last().copied())));
        if tag.starts_with("subProcess") {
            open.extend(id);
        }
        open.truncate(open.len() - tag.matches("</bpmn:subProcess>").count());
    }
    found
}

/// What is in a sub-process is drawn in it, and nothing stands on its neighbour, whatever the nesting.
#[track_caller]
fn stands_in_its_place(xml: &str) {
    let (def, _) = Definition::parse(xml.as_bytes()).expect("parses");
    assert!(!def.has_diagram());
    let picture = svg(&def, &Marks::default());
    well_formed(&picture);
    let (around, boxes) = (around(xml), drawn(&picture).boxes);
    assert_eq!(boxes.len(), def.elements().count());
    let by_id: BTreeMap<&str, [f64; 4]> = boxes.iter().map(|(id, b)| (id.as_str(), *b)).collect();
    let attached = |id: &str| {
        def.element(id)
            .is_some_and(|e| e.element == "boundaryEvent")
    };
    let free: Vec<_> = boxes.iter().filter(|(id, _)| !attached(id)).collect();
    for (i, (one, a)) in free.iter().enumerate() {
        if let Some(outer) = around[one.as_str()] {
            let b = by_id[outer];
            let inside = b[0] <= a[0] && b[1] <= a[1] && a[2] <= b[2] && a[3] <= b[3];
            assert!(inside, "{one} {a:?} is not in {outer} {b:?}\n{xml}");
        }
        for (other, b) in free.iter().skip(i + 1) {
            let apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
            let neighbours = around[one.as_str()] == around[other.as_str()];
            assert!(
                apart || !neighbours,
                "{one} {a:?} over {other} {b:?}\n{xml}"
            );
        }
    }
}

#[test]
fn the_processes_of_a_file_stand_one_below_the_other() {
    let two = crate::constructs::file(
        "",
        &format!(
            "{0}<bpmn:userTask id=\"a\" tb:post=\"p\"/>{1}{2}</bpmn:process><bpmn:process id=\"q\"><bpmn:startEvent id=\"qs\"/><bpmn:userTask id=\"b\" tb:post=\"p\"/>",
            crate::constructs::START,
            crate::constructs::END,
            crate::constructs::links("s>a a>e")
        ),
        "qs>b",
    );
    stands_in_its_place(&two);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, cases: 64, ..Default::default() })]

    #[test]
    fn whatever_is_nested_stands_in_its_place(b in crate::nested::block()) {
        stands_in_its_place(&crate::nested::model(&b));
    }
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
