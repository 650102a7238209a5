//! Import: what is executed, what is understood in our way, what is refused by name.

use tongban_process::{Command, Definition, Effect, State, Vars, step};

use crate::model::HEAD;
use crate::scenario::NOW;

fn file(inner: &str) -> String {
    format!(
        "{HEAD}<bpmn:startEvent id=\"start\"/>\n{inner}\n<bpmn:sequenceFlow id=\"in\" sourceRef=\"start\" targetRef=\"x\"/>\n</bpmn:process></bpmn:definitions>"
    )
}

fn errors(inner: &str) -> String {
    let errors = Definition::parse(file(inner).as_bytes()).expect_err("refused");
    errors.iter().map(|e| format!("{e}\n")).collect()
}

#[test]
fn every_element_that_is_not_executed_is_named_with_id_and_line() {
    for element in [
        "adHocSubProcess",
        "transaction",
        "complexGateway",
        "callChoreography",
        "somethingElse",
    ] {
        let got = errors(&format!("<bpmn:{element} id=\"x\"/>"));
        assert!(
            got.starts_with(&format!("第 4 行，元素 x：不支持元素 {element}")),
            "{got}"
        );
    }
    let refused = [
        ("compensate", "endEvent"),
        ("compensate", "intermediateThrowEvent"),
        ("compensate", "boundaryEvent"),
        ("cancel", "endEvent"),
        ("cancel", "boundaryEvent"),
        ("terminate", "intermediateThrowEvent"),
        ("error", "intermediateThrowEvent"),
        ("link", "endEvent"),
    ];
    for (definition, event) in refused {
        let inner = format!("<bpmn:{definition}EventDefinition/>");
        let got = errors(&format!("<bpmn:{event} id=\"x\">{inner}</bpmn:{event}>"));
        assert!(
            got.contains(&format!("元素 x：不支持 {definition}EventDefinition")),
            "{got}"
        );
    }
    for (inner, part) in [
        (
            "<bpmn:userTask id=\"x\"><bpmn:multiInstanceLoopCharacteristics/></bpmn:userTask>",
            "多实例",
        ),
        (
            "<bpmn:userTask id=\"x\"><bpmn:standardLoopCharacteristics/></bpmn:userTask>",
            "循环任务",
        ),
        (
            "<bpmn:userTask id=\"x\" isForCompensation=\"true\"/>",
            "补偿",
        ),
        (
            "<bpmn:userTask id=\"x\" completionQuantity=\"2\"/>",
            "completionQuantity",
        ),
        (
            "<bpmn:serviceTask id=\"x\" camunda:class=\"a.B\"/>",
            "厂商扩展 class",
        ),
        ("<bpmn:serviceTask id=\"x\"/>", "tb:service"),
        (
            "<bpmn:userTask id=\"x\"><bpmn:extensionElements><camunda:taskListener/></bpmn:extensionElements></bpmn:userTask>",
            "taskListener",
        ),
        (
            "<bpmn:scriptTask id=\"x\" scriptFormat=\"groovy\"/>",
            "groovy",
        ),
        (
            "<bpmn:scriptTask id=\"x\" tb:variable=\"v\"><bpmn:script>now()</bpmn:script></bpmn:scriptTask>",
            "now()",
        ),
        (
            "<bpmn:userTask id=\"x\" camunda:candidateGroups=\"a,b\"/>",
            "一个岗位",
        ),
        ("<bpmn:startEvent id=\"x\"/>", "不带事件的开始事件"),
        ("<bpmn:userTask id=\"start\"/>", "重复"),
        ("<bpmn:userTask id=\"y\"/>", "终点不存在"),
        (
            "<bpmn:intermediateCatchEvent id=\"x\"><bpmn:timerEventDefinition><bpmn:timeCycle>0 0/5 * * * ?</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>",
            "循环定时只能写作",
        ),
        (
            "<bpmn:intermediateCatchEvent id=\"x\"><bpmn:timerEventDefinition><bpmn:timeDuration>5 days</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>",
            "ISO 8601",
        ),
    ] {
        let got = errors(inner);
        assert!(got.contains(part), "{inner}: {got}");
    }
}

/// The task that is opened first, and the warnings of the import.
fn opened(inner: &str) -> (tongban_process::OpenTask, String) {
    let (def, warnings) = match Definition::parse(file(inner).as_bytes()) {
        Ok(ok) => ok,
        Err(errors) => panic!("{errors:?}"),
    };
    let vars: Vars = [("organ".into(), "消防".into())].into_iter().collect();
    let step = step(&def, &State::default(), &Command::start(vars), NOW).expect("starts");
    let Some(Effect::OpenTask(open)) = step.effects.into_iter().next() else {
        panic!("no task")
    };
    (*open, warnings.iter().map(|w| format!("{w}\n")).collect())
}

#[test]
fn a_post_comes_from_our_attribute_the_standard_or_the_java_engines() {
    let (task, warnings) = opened(
        "<bpmn:userTask id=\"x\" name=\"审查\" tb:post=\"reviewer\" tb:organ=\"=organ\" tb:form=\"f\" tb:limit=\"P3D\" tb:act=\"review\"/>",
    );
    assert_eq!(task.post.as_deref(), Some("reviewer"));
    assert_eq!(task.organ.as_deref(), Some("消防"));
    assert_eq!(
        (task.form.as_deref(), task.limit.as_deref()),
        (Some("f"), Some("P3D"))
    );
    assert_eq!((task.act.as_deref(), &*task.name), (Some("review"), "审查"));
    assert!(warnings.contains("变量 organ 没有声明"), "{warnings}");

    let (task, _) = opened(
        "<bpmn:userTask id=\"x\" camunda:candidateGroups=\"counter\" camunda:formKey=\"k\"/>",
    );
    assert_eq!(
        (task.post.as_deref(), task.form.as_deref()),
        (Some("counter"), Some("k"))
    );

    let (task, _) = opened(
        "<bpmn:userTask id=\"x\"><bpmn:potentialOwner><bpmn:resourceAssignmentExpression><bpmn:formalExpression>group(decider)</bpmn:formalExpression></bpmn:resourceAssignmentExpression></bpmn:potentialOwner></bpmn:userTask>",
    );
    assert_eq!(task.post.as_deref(), Some("decider"));

    let (task, warnings) = opened(
        "<bpmn:laneSet id=\"l\"><bpmn:lane id=\"l1\" name=\"综窗\"><bpmn:flowNodeRef>x</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet><bpmn:userTask id=\"x\" camunda:assignee=\"zhang\"/>",
    );
    assert_eq!(task.post.as_deref(), Some("综窗"));
    assert!(
        warnings.contains("泳道名称") && warnings.contains("指定到人"),
        "{warnings}"
    );
}

#[test]
fn java_comparisons_are_translated_and_told() {
    let inner = "<bpmn:userTask id=\"x\" tb:post=\"p\"/><bpmn:endEvent id=\"e\"/>\
        <bpmn:sequenceFlow id=\"f\" sourceRef=\"x\" targetRef=\"e\"><bpmn:conditionExpression>${a == 'b' &amp;&amp; n != 1}</bpmn:conditionExpression></bpmn:sequenceFlow>";
    let (_, warnings) = opened(inner);
    assert!(
        warnings.contains("已按 FEEL 理解为 a = \"b\"  and  n != 1"),
        "{warnings}"
    );
    let got = errors(&inner.replace("a == 'b'", "execution.getVariable('x') == null"));
    assert!(got.contains("元素 f：表达式"), "{got}");
}

#[test]
fn declared_names_are_binding() {
    let xml = file(
        "<bpmn:scriptTask id=\"x\" tb:variable=\"v\"><bpmn:script>outcom</bpmn:script></bpmn:scriptTask>",
    );
    let declared = xml.replace("<bpmn:process", "<bpmn:process tb:variables=\"outcome\"");
    let errors = Definition::parse(declared.as_bytes()).expect_err("refused");
    assert_eq!(errors[0].rule, "unknown-name");
    assert_eq!(errors[0].element.as_deref(), Some("x"));
    assert!(errors[0].message.contains("outcom "));
}

#[test]
fn of_several_processes_the_executable_one_is_taken() {
    let other = "<bpmn:process id=\"q\"><bpmn:task id=\"t\"/></bpmn:process></bpmn:definitions>";
    let xml = crate::model::xml("start -> a -> end").replace("</bpmn:definitions>", other);
    let (def, warnings) = Definition::parse(xml.as_bytes()).expect("parses");
    assert_eq!(&**def.id(), "p");
    assert_eq!(warnings[0].rule, "task", "{warnings:?}");
    let all: Vec<&str> = def.processes().map(|id| &**id).collect();
    assert_eq!(all, ["p", "q"]);
    assert_eq!(
        def.element("a").map(|e| (e.element, e.line)),
        Some(("userTask", 4))
    );
    let none = xml.replace(" isExecutable=\"true\"", "");
    let (def, warnings) = Definition::parse(none.as_bytes()).expect("parses");
    assert_eq!((&**def.id(), warnings[0].rule), ("p", "many-processes"));
}

#[test]
fn silence_is_agreement_only_by_a_rule_that_the_file_names() {
    let task = |attributes: &str| {
        crate::constructs::file(
            "",
            &format!(
                "{}<bpmn:userTask id=\"a\" tb:post=\"p\" {attributes}/>{}",
                crate::constructs::START,
                crate::constructs::END
            ),
            "s>a a>e",
        )
    };
    let review = "tb:act=\"review\" tb:limit=\"P3D\"";
    let basis = |attributes: &str| {
        let xml = task(attributes);
        let (definition, _) = Definition::parse(xml.as_bytes()).expect(attributes);
        definition.late_basis("a").map(str::to_owned)
    };
    assert_eq!(basis(review), None);
    assert_eq!(basis(&format!("{review} tb:late=\"urge\"")), None);
    let named = format!("{review} tb:late=\"agree\" tb:late-basis=\"某规则第九条\"");
    assert_eq!(basis(&named).as_deref(), Some("某规则第九条"));
    for wrong in [
        format!("{review} tb:late=\"agree\""),
        format!("{review} tb:late=\"agree\" tb:late-basis=\" \""),
        format!("{review} tb:late-basis=\"某规则第九条\""),
        format!("{review} tb:late=\"never\""),
        "tb:act=\"decide\" tb:limit=\"P3D\" tb:late=\"agree\" tb:late-basis=\"某规则\"".to_owned(),
        "tb:act=\"review\" tb:late=\"agree\" tb:late-basis=\"某规则\"".to_owned(),
    ] {
        let errors = Definition::parse(task(&wrong).as_bytes()).expect_err(&wrong);
        assert!(errors.iter().any(|error| error.rule == "late"), "{wrong}");
    }
}
