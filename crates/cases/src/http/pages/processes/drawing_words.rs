//! The words of the editor: of our own script, and of the canvas, whose own words are English.

use std::collections::BTreeMap;

use tongban_webkit::{Lang, PageShell};

/// Word for the script, Chinese, English; `{n}` takes a figure or a name.
const OWN: &[(&str, &str, &str)] = &[
    ("whole", "整个流程", "The whole process"),
    ("none", "（未定）", "(not set)"),
    ("choose", "（选择）", "(choose)"),
    ("set", "已改，还没有交上", "Changed, not handed in yet"),
    (
        "wrong",
        "填写的内容不能用，没有改",
        "That cannot be used; nothing was changed",
    ),
    (
        "ready",
        "流程图已打开，共 {n} 个元素",
        "The drawing is open: {n} elements",
    ),
    (
        "resumed",
        "已恢复上次没有交上的修改",
        "What was not handed in has been restored",
    ),
    ("unreadable", "打不开：{n}", "Cannot be opened: {n}"),
    (
        "kept",
        "这台电脑的浏览器里有 {n} 没有交上的修改。",
        "This browser keeps changes of {n} that were not handed in.",
    ),
    (
        "not-kept",
        "浏览器没有保存这些修改，请尽快交上",
        "This browser could not keep the changes: hand them in soon",
    ),
    (
        "saved-clean",
        "已交上，没有发现问题，可以发布",
        "Handed in; nothing was found; it can be published",
    ),
    (
        "saved-notes",
        "已交上，有 {n} 处提示，可以发布",
        "Handed in with {n} notices; it can be published",
    ),
    (
        "saved-faults",
        "已交上，有 {n} 处必须改正，改正前不能发布",
        "Handed in; {n} faults must be corrected before it can be published",
    ),
    (
        "refused",
        "不能执行，有 {n} 处问题，没有保存",
        "It cannot be executed: {n} problems; nothing was kept",
    ),
    (
        "not-saved",
        "没有交上：{n}。修改还保存在浏览器里",
        "Not handed in: {n}. The changes are still kept in this browser",
    ),
    ("sev-refused", "不能执行", "Refused"),
    ("sev-fault", "必须改正", "Fault"),
    ("sev-not-decided", "需人工核对", "Needs a person"),
    ("sev-notice", "提示", "Notice"),
    ("sev-warning", "说明", "Note"),
    ("next", "在后面添加", "Add behind it"),
    ("connect", "连到", "Connect to"),
    ("added", "已添加：{n}", "Added: {n}"),
    ("connected", "已连到：{n}", "Connected to: {n}"),
    ("remove", "删除这个元素", "Remove this element"),
    ("removed", "已删除", "Removed"),
    ("f-name", "名称", "Name"),
    ("f-id", "标识", "Id"),
    (
        "hint-id",
        "发布后不要改：在办件按标识找位置",
        "Keep it once published: running cases are found by it",
    ),
    ("f-variables", "变量", "Variables"),
    (
        "hint-variables",
        "公式里可以用的名字，用逗号分开",
        "Names that formulas may use, with commas between",
    ),
    ("f-post", "岗位", "Post"),
    ("f-organ", "机构", "Organ"),
    (
        "hint-organ",
        "机构编号，或者以 = 开头的公式；空着就是办理机构",
        "Id of an organ, or a formula that begins with =; empty: the organ that handles the case",
    ),
    ("f-act", "办理动作", "Act"),
    ("f-limit", "时限", "Limit"),
    (
        "hint-limit",
        "工作日数，例如 P3D",
        "Working days, such as P3D",
    ),
    ("f-form", "表单", "Form"),
    ("f-service", "服务", "Service"),
    ("f-script", "脚本（FEEL）", "Script (FEEL)"),
    ("f-variable", "结果变量", "Variable for the result"),
    ("f-decision", "决策", "Decision"),
    ("f-binding", "版本", "Version"),
    (
        "hint-binding",
        "latest、deployment 或 version:摘要",
        "latest, deployment or version:hash",
    ),
    ("f-calledElement", "调用的流程", "Called process"),
    ("f-outcome", "结果代码", "Outcome"),
    ("f-condition", "条件（FEEL）", "Condition (FEEL)"),
    (
        "hint-condition",
        "例如 outcome = \"accept\"",
        "Such as outcome = \"accept\"",
    ),
    ("f-countersign", "会签规则", "Countersign"),
    (
        "hint-countersign",
        "all 全部同意，any 一人同意，n:2 两人同意，veto 一票否决",
        "all, any, n:2 (two agree), veto",
    ),
    ("f-collection", "清单（公式）", "List (formula)"),
    ("f-item", "每一项的变量", "Variable of one item"),
    ("f-cardinality", "份数（公式）", "How many (formula)"),
    ("f-timer-kind", "计时方式", "Kind of timer"),
    ("timeDuration", "经过多久", "After a duration"),
    ("timeDate", "到某个时刻", "At a moment"),
    ("timeCycle", "反复", "Again and again"),
    ("f-timer", "时间", "Time"),
    (
        "hint-timer",
        "例如 P5D、PT4H、R3/P1D，或者以 = 开头的公式",
        "Such as P5D, PT4H, R3/P1D, or a formula that begins with =",
    ),
    ("f-calendar", "怎样计算", "Counted in"),
    ("cal-working", "工作日", "Working days"),
    ("cal-office", "办公时间", "Office hours"),
    ("cal-limit", "相对办结时限", "From the limit of the case"),
    ("f-message", "消息名", "Message"),
    ("f-key", "对应关系（公式）", "Correlation key (formula)"),
];

/// What the canvas says, in Chinese.
const CANVAS: &[(&str, &str)] = &[
    ("Activate create/remove space tool", "增减空白"),
    ("Activate global connect tool", "连线"),
    ("Activate hand tool", "手形工具"),
    ("Activate lasso tool", "套索选择"),
    ("Add lane above", "在上面加泳道"),
    ("Add lane below", "在下面加泳道"),
    ("Add text annotation", "加注释"),
    ("Align elements ", "对齐："),
    ("Align elements", "对齐"),
    ("Append compensation activity", "接补偿活动"),
    ("Append conditional intermediate catch event", "接条件事件"),
    ("Append end event", "接结束事件"),
    ("Append gateway", "接网关"),
    ("Append intermediate/boundary event", "接中间事件"),
    ("Append message intermediate catch event", "接消息事件"),
    ("Append receive task", "接接收任务"),
    ("Append signal intermediate catch event", "接信号事件"),
    ("Append task", "接任务"),
    ("Append timer intermediate catch event", "接定时事件"),
    ("Change element", "改变类型"),
    ("Search in diagram", "在图中查找"),
    ("Collection", "集合"),
    ("Connect to other element", "连到别的元素"),
    ("Connect using association", "用关联连接"),
    ("Connect using data input association", "用数据输入连接"),
    ("Create data object reference", "数据对象"),
    ("Create data store reference", "数据存储"),
    ("Create end event", "结束事件"),
    ("Create expanded sub-process", "子流程"),
    ("Create gateway", "网关"),
    ("Create group", "分组"),
    ("Create intermediate/boundary event", "中间或边界事件"),
    ("Create pool/participant", "参与者"),
    ("Create start event", "开始事件"),
    ("Create task", "任务"),
    ("Delete", "删除"),
    ("Distribute elements horizontally", "横向均匀分布"),
    ("Distribute elements vertically", "纵向均匀分布"),
    ("Divide into three lanes", "分成三条泳道"),
    ("Divide into two lanes", "分成两条泳道"),
    ("Loop", "循环"),
    ("Open {element}", "打开 {element}"),
    ("Parallel multi-instance", "并行多实例"),
    ("Sequential multi-instance", "串行多实例"),
    ("Participant multiplicity", "多个参与者"),
    ("Toggle non-interrupting", "切换是否打断"),
    ("Ad-hoc sub-process", "即兴子流程"),
    ("Ad-hoc sub-process (collapsed)", "即兴子流程（收起）"),
    ("Ad-hoc sub-process (expanded)", "即兴子流程（展开）"),
    ("Business rule task", "决策任务"),
    ("Call activity", "调用活动"),
    ("Complex gateway", "复杂网关"),
    ("Conditional flow", "条件连线"),
    ("Data object reference", "数据对象"),
    ("Data store reference", "数据存储"),
    ("Default flow", "缺省连线"),
    ("Empty pool/participant", "空的参与者"),
    ("Expanded pool/participant", "展开的参与者"),
    ("End event", "结束事件"),
    ("Start event", "开始事件"),
    ("Event sub-process", "事件子流程"),
    ("Event-based gateway", "事件网关"),
    ("Exclusive gateway", "排他网关"),
    ("Inclusive gateway", "相容网关"),
    ("Parallel gateway", "并行网关"),
    ("Intermediate throw event", "中间抛出事件"),
    ("Boundary event", "边界事件"),
    ("Manual task", "手工任务"),
    ("Receive task", "接收任务"),
    ("Script task", "脚本任务"),
    ("Send task", "发送任务"),
    ("Service task", "服务任务"),
    ("User task", "人工任务"),
    ("Task", "任务"),
    ("Sequence flow", "顺序流"),
    ("Sub-process", "子流程"),
    ("Sub-process (collapsed)", "子流程（收起）"),
    ("Sub-process (expanded)", "子流程（展开）"),
    ("Transaction", "事务"),
    ("Process", "流程"),
    ("UserTask", "人工任务"),
    ("ServiceTask", "服务任务"),
    ("ScriptTask", "脚本任务"),
    ("SendTask", "发送任务"),
    ("ReceiveTask", "接收任务"),
    ("ManualTask", "手工任务"),
    ("BusinessRuleTask", "决策任务"),
    ("CallActivity", "调用活动"),
    ("SubProcess", "子流程"),
    ("StartEvent", "开始事件"),
    ("EndEvent", "结束事件"),
    ("IntermediateCatchEvent", "中间捕获事件"),
    ("IntermediateThrowEvent", "中间抛出事件"),
    ("BoundaryEvent", "边界事件"),
    ("ExclusiveGateway", "排他网关"),
    ("ParallelGateway", "并行网关"),
    ("InclusiveGateway", "相容网关"),
    ("EventBasedGateway", "事件网关"),
    ("ComplexGateway", "复杂网关"),
    ("SequenceFlow", "顺序流"),
    ("MessageFlow", "消息流"),
    ("Lane", "泳道"),
    ("Participant", "参与者"),
    ("Collaboration", "协作"),
    ("TextAnnotation", "注释"),
    ("Association", "关联"),
    ("DataObjectReference", "数据对象"),
    ("DataStoreReference", "数据存储"),
    ("Group", "分组"),
    ("Cancel boundary event", "取消边界事件"),
    ("Cancel end event", "取消结束事件"),
    ("Compensation boundary event", "补偿边界事件"),
    ("Compensation end event", "补偿结束事件"),
    ("Compensation intermediate throw event", "补偿中间抛出事件"),
    ("Compensation start event", "补偿开始事件"),
    ("Conditional boundary event", "条件边界事件"),
    (
        "Conditional boundary event (non-interrupting)",
        "条件边界事件（不打断）",
    ),
    ("Conditional intermediate catch event", "条件中间捕获事件"),
    ("Conditional start event", "条件开始事件"),
    (
        "Conditional start event (non-interrupting)",
        "条件开始事件（不打断）",
    ),
    ("Error boundary event", "错误边界事件"),
    ("Error end event", "错误结束事件"),
    ("Error start event", "错误开始事件"),
    ("Escalation boundary event", "升级边界事件"),
    (
        "Escalation boundary event (non-interrupting)",
        "升级边界事件（不打断）",
    ),
    ("Escalation end event", "升级结束事件"),
    ("Escalation intermediate throw event", "升级中间抛出事件"),
    ("Escalation start event", "升级开始事件"),
    (
        "Escalation start event (non-interrupting)",
        "升级开始事件（不打断）",
    ),
    ("Link intermediate catch event", "链接中间捕获事件"),
    ("Link intermediate throw event", "链接中间抛出事件"),
    ("Message boundary event", "消息边界事件"),
    (
        "Message boundary event (non-interrupting)",
        "消息边界事件（不打断）",
    ),
    ("Message end event", "消息结束事件"),
    ("Message intermediate catch event", "消息中间捕获事件"),
    ("Message intermediate throw event", "消息中间抛出事件"),
    ("Message start event", "消息开始事件"),
    (
        "Message start event (non-interrupting)",
        "消息开始事件（不打断）",
    ),
    ("Signal boundary event", "信号边界事件"),
    (
        "Signal boundary event (non-interrupting)",
        "信号边界事件（不打断）",
    ),
    ("Signal end event", "信号结束事件"),
    ("Signal intermediate catch event", "信号中间捕获事件"),
    ("Signal intermediate throw event", "信号中间抛出事件"),
    ("Signal start event", "信号开始事件"),
    (
        "Signal start event (non-interrupting)",
        "信号开始事件（不打断）",
    ),
    ("Terminate end event", "终止结束事件"),
    ("Timer boundary event", "定时边界事件"),
    (
        "Timer boundary event (non-interrupting)",
        "定时边界事件（不打断）",
    ),
    ("Timer intermediate catch event", "定时中间捕获事件"),
    ("Timer start event", "定时开始事件"),
    (
        "Timer start event (non-interrupting)",
        "定时开始事件（不打断）",
    ),
];

/// Names of BPMN types for readers of English.
const TYPES: &[(&str, &str)] = &[
    ("Process", "Process"),
    ("UserTask", "User task"),
    ("ServiceTask", "Service task"),
    ("ScriptTask", "Script task"),
    ("SendTask", "Send task"),
    ("ReceiveTask", "Receive task"),
    ("ManualTask", "Manual task"),
    ("BusinessRuleTask", "Business rule task"),
    ("CallActivity", "Call activity"),
    ("SubProcess", "Sub-process"),
    ("StartEvent", "Start event"),
    ("EndEvent", "End event"),
    ("IntermediateCatchEvent", "Intermediate catch event"),
    ("IntermediateThrowEvent", "Intermediate throw event"),
    ("BoundaryEvent", "Boundary event"),
    ("ExclusiveGateway", "Exclusive gateway"),
    ("ParallelGateway", "Parallel gateway"),
    ("InclusiveGateway", "Inclusive gateway"),
    ("EventBasedGateway", "Event-based gateway"),
    ("SequenceFlow", "Sequence flow"),
];

/// All words as a JSON object; those of the canvas begin with `bpmn:`.
pub(super) fn json(shell: &PageShell) -> String {
    let english = shell.lang() == Lang::En;
    let own = OWN.iter().map(|(key, zh, en)| {
        let text = if english {
            (*en).to_owned()
        } else {
            shell.zh(zh)
        };
        ((*key).to_owned(), text)
    });
    let canvas = if english { TYPES } else { CANVAS };
    let canvas = canvas
        .iter()
        .map(|(key, text)| (format!("bpmn:{key}"), shell.zh(text)));
    let all: BTreeMap<String, String> = own.chain(canvas).collect();
    // A table of texts is always JSON.
    serde_json::to_string(&all).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CANVAS, OWN};

    #[test]
    fn every_word_is_there_once_in_both_languages() {
        let own: BTreeSet<_> = OWN.iter().map(|(key, ..)| key).collect();
        assert_eq!(own.len(), OWN.len());
        assert!(
            OWN.iter()
                .all(|(_, zh, en)| zh.contains("{n}") == en.contains("{n}"))
        );
        let canvas: BTreeSet<_> = CANVAS.iter().map(|(key, _)| key).collect();
        assert_eq!(canvas.len(), CANVAS.len());
    }
}
