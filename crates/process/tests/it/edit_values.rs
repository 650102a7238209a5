//! Edits of one element: values, kinds, timers, flows, lists of flows; and the diagram on request.

use tongban_process::edit::{Edit, Model, Repetition, Setting, Sort, Timed};

use crate::edit::{
    approval, condition, done, insert, model, on, refused, s, semantic, set, sound, text,
};
use crate::reference::FILE;

#[test]
fn tasks_are_repeated_and_countersigned() {
    let repeat = |repetition| Edit::Repeat {
        element: s("decide"),
        repetition,
    };
    let wanted = Repetition {
        count: s("3"),
        ..Repetition::default()
    };
    let before = model(FILE);
    let many = done(&before, repeat(Some(wanted.clone())));
    let many = done(&many, set("decide", Setting::Countersign, "n:2"));
    sound(&many);
    let details = many.details("decide").expect("details");
    assert_eq!(details.repetition, Some(wanted.clone()));
    let each = Repetition {
        sequential: true,
        collection: s("organs"),
        item: s("organ"),
        ..Repetition::default()
    };
    let listed = done(&many, repeat(Some(each.clone())));
    let details = listed.details("decide").expect("details");
    assert_eq!(details.repetition, Some(each));
    let once = done(&listed, repeat(None));
    let once = done(&once, set("decide", Setting::Countersign, ""));
    assert_eq!(once.details("decide").expect("details").repetition, None);
    sound(&once);
}

#[test]
fn other_kinds_keep_what_they_have() {
    let before = model(FILE);
    let as_sort = |element: &str, sort| Edit::Retype {
        element: s(element),
        sort,
    };
    let service = done(&before, as_sort("accept", Sort::Service));
    let expected = text(&before).replace(
        "<bpmn:userTask id=\"accept\"",
        "<bpmn:serviceTask id=\"accept\"",
    );
    assert_eq!(text(&service), expected);
    assert_eq!(done(&service, as_sort("accept", Sort::User)).xml(), FILE);
    let or = done(&before, as_sort("decision_outcome", Sort::Inclusive));
    sound(&or);
    for (element, sort) in [
        ("decision_outcome", Sort::Parallel),
        ("decision_outcome", Sort::User),
        ("accept", Sort::Sub),
        ("submit", Sort::End),
    ] {
        assert_eq!(refused(&before, &as_sort(element, sort)).rule, "kind");
    }
}

#[test]
fn timers_say_when() {
    let model = approval();
    let details = model.details("event_1").expect("details");
    let timed = details.timed.expect("a timer");
    assert_eq!((&*timed.text, &*timed.calendar), ("P3D", "working"));
    let date = Timed {
        form: s("timeDate"),
        text: s("=until"),
        calendar: s(""),
    };
    let edit = Edit::Time {
        element: s("event_1"),
        timed: date.clone(),
    };
    let changed = done(&model, edit);
    assert_eq!(
        changed.details("event_1").expect("details").timed,
        Some(date)
    );
    assert_eq!(
        text(&changed).matches("<bpmn:time").count(),
        2,
        "definition and one time"
    );
    let never = Edit::Time {
        element: s("event_1"),
        timed: Timed::default(),
    };
    assert_eq!(refused(&model, &never).rule, "timer");
    let host = Edit::Timer {
        host: s("gateway_1"),
        name: s(""),
        timed: timed.clone(),
        interrupting: true,
        to: None,
    };
    assert_eq!(refused(&model, &host).rule, "boundary");
    let element = s("task_2");
    assert_eq!(refused(&model, &Edit::Remove { element }).rule, "remove");
}

#[test]
fn flows_join_what_may_be_joined() {
    let before = model(FILE);
    let connect = |from: &str, to: &str| Edit::Connect {
        from: s(from),
        to: s(to),
    };
    let back = done(&before, connect("decision_outcome", "accept"));
    let way = back.ways("decision_outcome").pop().expect("a way");
    let back = done(&back, condition(&way.flow, "decision = \"again\""));
    sound(&back);
    let undone = done(&back, Edit::Disconnect { flow: way.flow });
    assert_eq!(undone.xml(), FILE);
    for (from, to) in [
        ("granted", "accept"),
        ("accept", "submit"),
        ("accept", "review_split"),
    ] {
        assert_eq!(refused(&before, &connect(from, to)).rule, "flow");
    }
    let parallel = condition("f_review_1", "x = 1");
    assert_eq!(refused(&before, &parallel).rule, "condition");
    let elsewhere = Edit::Default {
        element: s("accept"),
        flow: Some(s("f_issued")),
    };
    assert_eq!(refused(&before, &elsewhere).rule, "default");
    // A default that is taken out is none any more.
    let small = approval();
    let default = small.ways("gateway_1").into_iter().find(|w| w.is_default);
    let flow = default.expect("a default").flow;
    let without = text(&done(&small, Edit::Disconnect { flow }));
    assert!(!without.contains(" default="), "{without}");
    let unknown = Edit::Redirect {
        flow: s("f_issued"),
        to: s("nowhere"),
    };
    assert_eq!(refused(&before, &unknown).rule, "unknown");
    let start = Edit::Remove {
        element: s("submit"),
    };
    assert_eq!(refused(&before, &start).rule, "remove");
    assert_eq!(
        refused(&before, &set("accept", Setting::Service, "x")).rule,
        "kind"
    );
    assert_eq!(
        refused(&before, &set("accept", Setting::Form, "\u{1}")).rule,
        "value"
    );
}

#[test]
fn lists_of_flows_and_missing_ids_are_kept_up() {
    let file = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">
  <startEvent id="s"><outgoing>a</outgoing></startEvent>
  <userTask id="t"><documentation>x</documentation><incoming>a</incoming><outgoing>b</outgoing></userTask>
  <endEvent id="e"><incoming>b</incoming></endEvent>
  <sequenceFlow id="a" sourceRef="s" targetRef="t"/><sequenceFlow id="b" sourceRef="t" targetRef="e"/>
</process></definitions>"#;
    let before = model(file.as_bytes());
    assert_eq!(text(&before), file);
    let edited = before
        .apply(&insert(on("b"), Sort::User, "n"))
        .expect("put in");
    let there = text(&edited.model);
    for part in [
        "<userTask id=\"task_1\" name=\"n\">",
        "<incoming>b</incoming>",
        "<outgoing>flow_1</outgoing>",
        "<endEvent id=\"e\"><incoming>flow_1</incoming></endEvent>",
    ] {
        assert!(there.contains(part), "{part} in {there}");
    }
    let service = Edit::Retype {
        element: s("t"),
        sort: Sort::Service,
    };
    let there = text(&done(&before, service));
    assert!(
        there.contains("<serviceTask id=\"t\"><documentation>x")
            && there.contains("</serviceTask>")
    );
    // The namespace of our attributes is declared when it is needed first.
    let posted = done(&edited.model, set("t", Setting::Post, "counter"));
    assert!(text(&posted).starts_with("<definitions xmlns:tb=\"http://tongban.dev/bpmn\" xmlns"));
    let gone = done(
        &edited.model,
        Edit::Remove {
            element: s("task_1"),
        },
    );
    assert_eq!(text(&gone), file);

    let bare = file.replace(" id=\"a\"", "").replace(" id=\"b\"", "");
    let named = model(bare.as_bytes());
    let ids: Vec<_> = ["s", "t"].map(|id| named.ways(id)[0].flow.clone()).into();
    assert_eq!(ids, ["flow_1", "flow_2"]);
}

#[test]
fn the_diagram_is_laid_out_on_request() {
    for before in [approval(), model(FILE)] {
        let drawn = done(&before, Edit::LayOut);
        let definition = sound(&drawn);
        assert!(definition.has_diagram());
        let there = text(&drawn);
        for element in definition.elements() {
            let shape = format!("BPMNShape id=\"{0}_di_1\" bpmnElement=\"{0}\"", element.id);
            assert!(there.contains(&shape), "{shape} in {there}");
        }
        for (flow, ..) in definition.sequence_flows() {
            assert!(there.contains(&format!("bpmnElement=\"{flow}\"")), "{flow}");
        }
        assert_eq!(
            semantic(&there).trim_end(),
            semantic(&text(&before))
                .trim_end()
                .trim_end_matches("</bpmn:definitions>")
                .trim_end()
        );
        assert_eq!(
            done(&drawn, Edit::LayOut).xml(),
            drawn.xml(),
            "twice is once"
        );
        assert_eq!(there.matches("<bpmndi:BPMNDiagram ").count(), 1);
        boxes_do_not_overlap(&there);
    }
    let there = text(&done(&model(FILE), Edit::LayOut));
    for (element, lane) in [
        ("supplement", "lane_applicant"),
        ("pre_review", "lane_counter"),
        ("not_accepted", "lane_counter"),
        ("review_3", "lane_department"),
        ("denied", "lane_department"),
    ] {
        let ((y, h), (top, high)) = (upright(&there, element), upright(&there, lane));
        assert!(top <= y && y + h <= top + high, "{element} is in {lane}");
    }
}

/// Where the shape of an element begins, and how high it is.
fn upright(text: &str, id: &str) -> (f64, f64) {
    let shape = text.split(&format!("bpmnElement=\"{id}\"")).nth(1);
    let line = shape.and_then(|rest| rest.split("/>").next());
    let line = line.expect("a shape");
    (number(line, "y"), number(line, "height"))
}

fn number(line: &str, name: &str) -> f64 {
    let rest = line.split(&format!(" {name}=\"")).nth(1).expect("a value");
    let number = rest.split('"').next().expect("a value");
    number.parse().expect("a number")
}

/// Plain boxes (tasks and gateways) of a diagram lie apart.
fn boxes_do_not_overlap(text: &str) {
    let lines = text.lines().filter(|line| line.contains("dc:Bounds"));
    let boxes: Vec<[f64; 4]> = lines
        .map(|l| ["x", "y", "width", "height"].map(|name| number(l, name)))
        .filter(|b| b[2] == 110.0 || b[2] == 50.0)
        .collect();
    assert!(boxes.len() > 3);
    for (i, a) in boxes.iter().enumerate() {
        for b in &boxes[i + 1..] {
            let apart = a[0] + a[2] <= b[0]
                || b[0] + b[2] <= a[0]
                || a[1] + a[3] <= b[1]
                || b[1] + b[3] <= a[1];
            assert!(apart, "{a:?} {b:?}");
        }
    }
}

#[test]
fn what_is_no_process_file_is_refused() {
    for text in [&b"\xff"[..], b"", b"<x/>", b"<!DOCTYPE a><definitions/>"] {
        assert_eq!(Model::read(text).expect_err("refused").rule, "xml");
    }
    for id in ["", "A", "a b", "1a", "中"] {
        assert_eq!(Model::blank(id, "x").expect_err("refused").rule, "id");
    }
    // A mark of the byte order is kept.
    let marked = [b"\xef\xbb\xbf", FILE].concat();
    assert_eq!(model(&marked).xml(), marked);
}

#[test]
fn a_diagram_may_stand_before_the_process() {
    let file = std::str::from_utf8(FILE).expect("text");
    let from = file.find("  <bpmndi:BPMNDiagram").expect("a diagram");
    let to = file.find("</bpmn:definitions>").expect("an end");
    let process = file.find("  <bpmn:process").expect("a process");
    let turned = [
        &file[..process],
        &file[from..to],
        &file[process..from],
        &file[to..],
    ]
    .concat();
    let model = model(turned.as_bytes());
    let inside = done(&model, insert(on("f_accepted"), Sort::Sub, "里面"));
    let there = text(&inside);
    for id in ["sub_1", "start_1", "end_1", "flow_1"] {
        assert!(there.contains(&format!("bpmnElement=\"{id}\"")), "{id}");
    }
    assert!(!there.contains("bpmnElement=\"\""));
    sound(&inside);
    let enclose = Edit::Enclose {
        element: s("decide"),
        name: s(""),
    };
    let there = text(&done(&inside, enclose));
    assert!(there.contains("bpmnElement=\"start_2\"") && there.contains("bpmnElement=\"end_2\""));
}
