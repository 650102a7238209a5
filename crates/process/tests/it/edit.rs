//! Edits of a file: what they change, what they refuse, and that everything else stays byte for byte.

use expect_test::expect;
use tongban_process::edit::{
    Edit, Item, Line, Model, Place, Refused, Repetition, Setting, Sort, Timed,
};
use tongban_process::{Definition, Severity, check};

use crate::reference::FILE;

pub(crate) fn model(text: &[u8]) -> Model {
    Model::read(text).expect("a model")
}

pub(crate) fn text(model: &Model) -> String {
    String::from_utf8(model.xml()).expect("text")
}

#[track_caller]
fn done(model: &Model, edit: Edit) -> Model {
    let edited = model.apply(&edit);
    edited.unwrap_or_else(|why| panic!("{edit:?}: {why}")).model
}

#[track_caller]
fn refused(model: &Model, edit: &Edit) -> Refused {
    model.apply(edit).expect_err("refused")
}

fn s(text: &str) -> String {
    text.to_owned()
}

fn on(flow: &str) -> Place {
    Place::On(s(flow))
}

fn after(element: &str) -> Place {
    Place::After(s(element))
}

fn set(element: &str, setting: Setting, value: &str) -> Edit {
    Edit::Set {
        element: s(element),
        setting,
        value: s(value),
    }
}

fn insert(place: Place, sort: Sort, name: &str) -> Edit {
    let name = s(name);
    Edit::Insert { place, sort, name }
}

fn condition(flow: &str, text: &str) -> Edit {
    Edit::Condition {
        flow: s(flow),
        text: s(text),
    }
}

/// The part of a file before its diagram.
fn semantic(text: &str) -> &str {
    text.split("<bpmndi:BPMNDiagram").next().expect("a part")
}

pub(crate) fn sound(model: &Model) -> Definition {
    let (definition, _) = Definition::parse(&model.xml())
        .unwrap_or_else(|errors| panic!("{errors:?}\n{}", text(model)));
    let found = check(&definition);
    let faults: Vec<_> = found
        .iter()
        .filter(|f| f.severity == Severity::Fault)
        .collect();
    assert!(faults.is_empty(), "{faults:?}\n{}", text(model));
    definition
}

/// A line per element: `  name [kind]`; branches, events and what is inside are indented.
fn drawn(items: &[Item], depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    for item in items {
        match item {
            Item::Goto { way, .. } => out.push_str(&format!("{pad}→ {}\n", way.to)),
            Item::Line(line) => {
                let Line { id, element, .. } = &**line;
                out.push_str(&format!("{pad}{id} [{element}]\n"));
                drawn(&line.inside, depth + 1, out);
                for branch in &line.branches {
                    let default = if branch.way.is_default { "*" } else { "" };
                    out.push_str(&format!("{pad}| {}{default}\n", branch.way.condition));
                    drawn(&branch.items, depth + 1, out);
                }
                for event in &line.events {
                    out.push_str(&format!("{pad}@ {}\n", event.id));
                    for branch in &event.branches {
                        drawn(&branch.items, depth + 1, out);
                    }
                }
            }
        }
    }
}

fn outlined(model: &Model) -> String {
    let mut out = String::new();
    for process in model.outline() {
        out.push_str(&format!("{}\n", process.id));
        drawn(&process.items, 0, &mut out);
        if !process.loose.is_empty() {
            out.push_str("loose\n");
            drawn(&process.loose, 0, &mut out);
        }
    }
    out
}

#[test]
fn the_outline_of_the_reference_process_goes_down_its_main_way() {
    expect![[r#"
        licence-approval
        submit [startEvent]
        pre_review [userTask]
        pre_review_outcome [exclusiveGateway]
        | outcome = "supplement"
          supplement [userTask]
          → pre_review
        | outcome = "refuse"
          not_accepted [endEvent]
        | outcome = "accept"
          → accept
        accept [userTask]
        review_split [parallelGateway]
        | 
          review_1 [userTask]
          → review_join
        | 
          review_2 [userTask]
          → review_join
        | 
          review_3 [userTask]
          → review_join
        review_join [parallelGateway]
        decide [userTask]
        decision_outcome [exclusiveGateway]
        | decision = "grant"
          → issue
        | decision = "refuse"
          denied [endEvent]
        issue [serviceTask]
        granted [endEvent]
    "#]]
    .assert_eq(&outlined(&model(FILE)));
}

#[test]
fn a_name_changes_nothing_but_the_name() {
    let before = model(FILE);
    let rename = |name: &str| Edit::Rename {
        element: s("accept"),
        name: s(name),
    };
    let named = done(&before, rename("受理 <&\"'> 登记"));
    let expected = text(&before).replace(
        "id=\"accept\" name=\"受理\"",
        "id=\"accept\" name=\"受理 &lt;&amp;&quot;&apos;&gt; 登记\"",
    );
    assert_eq!(text(&named), expected);
    assert_eq!(done(&named, rename("受理")).xml(), FILE);
    let details = named.details("accept").expect("details");
    assert_eq!(details.name, "受理 <&\"'> 登记");
    // An attribute that was not there comes and goes without a trace.
    let limited = done(&before, set("supplement", Setting::Limit, "P5D"));
    assert!(text(&limited).contains("tb:form=\"supplement\" tb:limit=\"P5D\" />"));
    assert_eq!(
        done(&limited, set("supplement", Setting::Limit, "")).xml(),
        FILE
    );
}

#[test]
fn what_was_put_in_is_taken_out_without_a_trace() {
    let before = model(FILE);
    for place in [
        on("f_accepted"),
        after("accept"),
        on("f_supplement"),
        on("f_review_2"),
    ] {
        for sort in Sort::ALL.into_iter().filter(|sort| *sort != Sort::End) {
            let edited = before
                .apply(&insert(place.clone(), sort, "新环节"))
                .expect("put in");
            let there = text(&edited.model);
            assert!(
                there.contains(&format!("bpmnElement=\"{}\"", edited.at)),
                "a shape"
            );
            let lanes = there
                .matches(&format!(">{}</bpmn:flowNodeRef>", edited.at))
                .count();
            assert_eq!(lanes, 1, "{there}");
            let element = edited.at;
            let again = done(&edited.model, Edit::Remove { element });
            assert_eq!(
                semantic(&text(&again)),
                semantic(&text(&before)),
                "{sort:?}"
            );
            let shapes = |model: &Model| text(model).matches("<bpmndi:").count();
            assert_eq!(shapes(&again), shapes(&before));
        }
    }
}

/// From nothing: two posts, a decision with two ways, a service, a timer.
pub(crate) fn approval() -> Model {
    let empty = Model::blank("small-approval", "小审批").expect("a model");
    let model = done(&empty, insert(after("start_1"), Sort::User, "受理"));
    let model = done(&model, set("task_1", Setting::Post, "acceptor"));
    let model = done(&model, set("task_1", Setting::Act, "accept"));
    let model = done(&model, insert(after("task_1"), Sort::User, "决定"));
    let model = done(&model, set("task_2", Setting::Post, "decider"));
    let gate = insert(after("task_2"), Sort::Exclusive, "准予？");
    let model = done(&model, gate);
    let model = done(&model, insert(after("gateway_1"), Sort::Service, "制证"));
    let model = done(&model, set("task_3", Setting::Service, "issue-licence"));
    let end = insert(after("gateway_1"), Sort::End, "不予许可");
    assert_eq!(refused(&model, &end).rule, "place");
    let branch = Edit::Branch {
        gateway: s("gateway_1"),
        name: s("告知"),
    };
    let model = done(&model, branch);
    let model = done(&model, set("task_4", Setting::Post, "counter"));
    let flows = model.ways("gateway_1");
    let model = done(&model, condition(&flows[0].flow, "decision = \"grant\""));
    let default = Edit::Default {
        element: s("gateway_1"),
        flow: Some(flows[1].flow.clone()),
    };
    let model = done(&model, default);
    let timer = Edit::Timer {
        host: s("task_2"),
        name: s("催办"),
        timed: Timed {
            form: s("timeDuration"),
            text: s("P3D"),
            calendar: s("working"),
        },
        interrupting: false,
        to: None,
    };
    done(&model, timer)
}

#[test]
fn an_approval_is_built_from_nothing() {
    let model = approval();
    expect![[r#"
        small-approval
        start_1 [startEvent]
        task_1 [userTask]
        task_2 [userTask]
        @ event_1
          end_3 [endEvent]
        gateway_1 [exclusiveGateway]
        | decision = "grant"
          → task_3
        | *
          task_4 [userTask]
          end_2 [endEvent]
        task_3 [serviceTask]
        end_1 [endEvent]
    "#]]
    .assert_eq(&outlined(&model));
    let definition = sound(&model);
    let posts: Vec<_> = definition.duties().filter_map(|d| d.post).collect();
    assert_eq!(posts.len(), 3);
    assert!(!definition.has_diagram());
    assert_eq!(
        approval().xml(),
        model.xml(),
        "the same edits, the same bytes"
    );
}

#[test]
fn branches_come_with_the_gateway_that_joins_them() {
    let branches = Edit::Branches {
        place: on("f_issued"),
        sort: Sort::Parallel,
        names: vec![s("甲"), s("乙"), s("丙")],
    };
    let mut wide = done(&model(FILE), branches);
    let reviewers = ["task_1", "task_2", "task_3"];
    for task in reviewers {
        wide = done(&wide, set(task, Setting::Post, "reviewer"));
    }
    sound(&wide);
    let told = outlined(&wide);
    let part = "gateway_1 [parallelGateway]\n| \n  task_1 [userTask]\n  → gateway_2\n| \n  task_2 [userTask]\n  → gateway_2\n| \n  task_3 [userTask]\n  → gateway_2\ngateway_2 [parallelGateway]\ngranted [endEvent]\n";
    assert!(told.contains(part), "{told}");
    // A fourth goes where the others meet.
    let branch = |gateway: &str| Edit::Branch {
        gateway: s(gateway),
        name: s("丁"),
    };
    let wider = done(&wide, branch("gateway_1"));
    assert_eq!(wider.ways("task_4")[0].to, "gateway_2");
    sound(&done(&wider, set("task_4", Setting::Post, "reviewer")));
    // Branches are joined, so the gateways stay until they are gone.
    for gateway in ["gateway_1", "gateway_2"] {
        let element = s(gateway);
        assert_eq!(refused(&wide, &Edit::Remove { element }).rule, "branches");
    }
}

#[test]
fn an_element_moves_with_its_flows() {
    let to = |element: &str, place: Place| Edit::Move {
        element: s(element),
        place,
    };
    let before = model(FILE);
    let moved = done(&before, to("accept", on("f_issued")));
    assert_eq!(moved.ways("pre_review_outcome")[2].to, "review_split");
    assert_eq!(moved.ways("issue")[0].to, "accept");
    assert_eq!(moved.ways("accept")[0].to, "granted");
    sound(&moved);
    let back = done(&moved, to("accept", on("f_passed")));
    assert_eq!(semantic(&text(&back)), semantic(&text(&before)));
    assert_eq!(
        refused(&before, &to("accept", on("f_accepted"))).rule,
        "place"
    );
    assert_eq!(
        refused(&before, &to("review_join", on("f_issued"))).rule,
        "branches"
    );
    assert_eq!(refused(&before, &to("submit", on("f_issued"))).rule, "flow");
    assert_eq!(
        refused(&before, &to("granted", on("f_decided"))).rule,
        "flow"
    );
}

#[test]
fn a_sub_process_is_made_and_taken_apart() {
    let before = model(FILE);
    let enclose = Edit::Enclose {
        element: s("decide"),
        name: s("集体讨论"),
    };
    let edited = before.apply(&enclose).expect("enclosed");
    let inner = insert(after("decide"), Sort::User, "复核");
    let inner = done(&edited.model, inner);
    let inner = done(&inner, set("task_1", Setting::Post, "decider"));
    sound(&inner);
    let told = outlined(&inner);
    let part = "sub_1 [subProcess]\n  start_1 [startEvent]\n  decide [userTask]\n  task_1 [userTask]\n  end_1 [endEvent]\ndecision_outcome";
    assert!(told.contains(part), "{told}");
    let apart = Edit::Dissolve {
        element: s("sub_1"),
    };
    let flat = done(&inner, apart.clone());
    sound(&flat);
    let told = outlined(&flat);
    assert!(
        told.contains("\ndecide [userTask]\ntask_1 [userTask]\ndecision_outcome"),
        "{told}"
    );
    assert!(!text(&flat).contains("sub_1"));
    // Without the inner task it is what it was, but for the places in the diagram.
    let plain = text(&done(&edited.model, apart));
    let mut lines: Vec<&str> = semantic(&plain).lines().map(str::trim).collect();
    let mut old: Vec<&str> = semantic(std::str::from_utf8(FILE).expect("text"))
        .lines()
        .map(str::trim)
        .collect();
    lines.sort_unstable();
    old.sort_unstable();
    assert_eq!(lines.len(), old.len());
    let task = Edit::Dissolve {
        element: s("decide"),
    };
    assert_eq!(refused(&before, &task).rule, "nest");
}

#[test]
fn lanes_bind_to_posts() {
    let lane = Edit::AddLane {
        name: s("法制机构"),
        post: s("reviewer"),
        organ: s(""),
    };
    let before = model(FILE);
    let edited = before.apply(&lane).expect("a lane");
    let there = |lane: Option<&str>| Edit::InLane {
        element: s("review_3"),
        lane: lane.map(str::to_owned),
    };
    let moved = done(&edited.model, there(Some("lane_1")));
    let definition = sound(&moved);
    let element = definition.element("review_3").expect("an element");
    assert_eq!(element.lane, Some("法制机构"));
    let gone = done(&moved, there(Some("lane_department")));
    let gone = done(&gone, Edit::RemoveLane { lane: s("lane_1") });
    let lines = |model: &Model| {
        let text = text(model);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(
        lines(&gone),
        lines(&before),
        "but for the order in the lane"
    );
    let none = done(&before, there(None));
    assert_eq!(none.details("review_3").expect("details").lane, None);
    // A file without lanes gets a set, and loses it with the last.
    let small = approval();
    let one = small.apply(&lane).expect("a lane");
    assert!(text(&one.model).contains("<bpmn:laneSet id=\"lanes_1\">"));
    let lane = one.at;
    assert_eq!(
        done(&one.model, Edit::RemoveLane { lane }).xml(),
        small.xml()
    );
}

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
}

/// Plain boxes (tasks and gateways) of a diagram lie apart.
fn boxes_do_not_overlap(text: &str) {
    let number = |line: &str, name: &str| -> f64 {
        let rest = line.split(&format!("{name}=\"")).nth(1).expect("a value");
        rest.split('"')
            .next()
            .expect("a value")
            .parse()
            .expect("a number")
    };
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
