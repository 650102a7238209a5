//! Random orders over random models with scopes, events and repetitions.
//!
//! `Instance::send` checks after every command that the record folds to the state, that a refusal changes nothing, that repeating gives the
//! same bytes, and that scopes, tokens and armed events belong together. After the orders every instance is driven to its end.

use proptest::prelude::*;
use tongban_process::{Command, Definition, For, On, Status, Token, Vars};

use crate::scenario::Instance;

#[derive(Debug, Clone)]
pub(crate) enum Block {
    Task,
    Countersign {
        sequential: bool,
        enough: bool,
    },
    Loop,
    Message,
    Gate,
    Sequence(Vec<Block>),
    Parallel(Vec<Block>),
    Inclusive(Vec<Block>),
    /// A sub-process with a timer at its edge, and one that an event may begin inside.
    Sub {
        inner: Box<Block>,
        interrupting: bool,
        calm: bool,
    },
    CountersignedSub(Box<Block>),
}

pub(crate) fn block() -> impl Strategy<Value = Block> {
    let leaf = prop_oneof![
        4 => Just(Block::Task),
        2 => any::<(bool, bool)>()
            .prop_map(|(sequential, enough)| Block::Countersign { sequential, enough }),
        1 => Just(Block::Loop),
        1 => Just(Block::Message),
        1 => Just(Block::Gate),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let some = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            some.clone().prop_map(Block::Sequence),
            some.clone().prop_map(Block::Parallel),
            some.prop_map(Block::Inclusive),
            (inner.clone(), any::<(bool, bool)>()).prop_map(|(b, (interrupting, calm))| {
                Block::Sub {
                    inner: Box::new(b),
                    interrupting,
                    calm,
                }
            }),
            inner.prop_map(|b| Block::CountersignedSub(Box::new(b))),
        ]
    })
}

#[derive(Default)]
struct Writer {
    n: usize,
}

impl Writer {
    fn id(&mut self, what: &str) -> String {
        self.n += 1;
        format!("{what}{}", self.n)
    }

    fn flow(&mut self, from: &str, to: &str, condition: &str, out: &mut String) -> String {
        let id = self.id("f");
        let inner = match condition {
            "" => String::new(),
            c => format!("<bpmn:conditionExpression>{c}</bpmn:conditionExpression>"),
        };
        out.push_str(&format!(
            "<bpmn:sequenceFlow id=\"{id}\" sourceRef=\"{from}\" targetRef=\"{to}\">{inner}</bpmn:sequenceFlow>"
        ));
        id
    }

    fn task(&mut self, inner: &str, out: &mut String) -> String {
        let id = self.id("t");
        out.push_str(&format!(
            "<bpmn:userTask id=\"{id}\" tb:post=\"p\">{inner}</bpmn:userTask>"
        ));
        id
    }

    fn timer(&mut self, kind: &str, attributes: &str, out: &mut String) -> String {
        let id = self.id("c");
        out.push_str(&format!(
            "<bpmn:{kind} id=\"{id}\" {attributes}><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:{kind}>"
        ));
        id
    }

    fn message(&mut self, out: &mut String) -> String {
        let id = self.id("m");
        out.push_str(&format!(
            "<bpmn:intermediateCatchEvent id=\"{id}\"><bpmn:messageEventDefinition messageRef=\"msg\"/></bpmn:intermediateCatchEvent>"
        ));
        id
    }

    fn plain(&mut self, kind: &str, out: &mut String) -> String {
        let id = self.id("g");
        out.push_str(&format!("<bpmn:{kind} id=\"{id}\"/>"));
        id
    }

    /// What is inside a sub-process: a start, the block, an end.
    fn body(&mut self, b: &Block, calm: Option<bool>) -> String {
        let mut out = String::new();
        let start = self.plain("startEvent", &mut out);
        let (first, last) = self.write(b, &mut out);
        let end = self.plain("endEvent", &mut out);
        self.flow(&start, &first, "", &mut out);
        self.flow(&last, &end, "", &mut out);
        if let Some(calm) = calm {
            let mut inner = String::new();
            let begin = self.timer(
                "startEvent",
                &format!("isInterrupting=\"{}\"", !calm),
                &mut inner,
            );
            let task = self.task("", &mut inner);
            self.flow(&begin, &task, "", &mut inner);
            let id = self.id("h");
            out.push_str(&format!(
                "<bpmn:subProcess id=\"{id}\" triggeredByEvent=\"true\">{inner}</bpmn:subProcess>"
            ));
        }
        out
    }

    /// First and last element of a block.
    fn write(&mut self, b: &Block, out: &mut String) -> (String, String) {
        let one = |id: String| (id.clone(), id);
        match b {
            Block::Task => one(self.task("", out)),
            Block::Loop => {
                one(self.task("<bpmn:standardLoopCharacteristics loopMaximum=\"3\"/>", out))
            }
            Block::Countersign { sequential, enough } => {
                let until = if *enough {
                    "<bpmn:completionCondition>nrOfCompletedInstances = 2</bpmn:completionCondition>"
                } else {
                    ""
                };
                one(self.task(
                    &format!("<bpmn:multiInstanceLoopCharacteristics isSequential=\"{sequential}\"><bpmn:loopCardinality>3</bpmn:loopCardinality>{until}</bpmn:multiInstanceLoopCharacteristics>"),
                    out,
                ))
            }
            Block::Message => one(self.message(out)),
            Block::Gate => {
                let gate = self.plain("eventBasedGateway", out);
                let (a, b) = (
                    self.message(out),
                    self.timer("intermediateCatchEvent", "", out),
                );
                let join = self.plain("exclusiveGateway", out);
                for event in [a, b] {
                    self.flow(&gate, &event, "", out);
                    self.flow(&event, &join, "", out);
                }
                (gate, join)
            }
            Block::Sequence(all) => {
                let mut ends: Option<(String, String)> = None;
                for b in all {
                    let (first, last) = self.write(b, out);
                    ends = Some(match ends {
                        None => (first, last),
                        Some((begin, before)) => {
                            self.flow(&before, &first, "", out);
                            (begin, last)
                        }
                    });
                }
                ends.expect("some")
            }
            Block::Parallel(all) | Block::Inclusive(all) => {
                let kind = match b {
                    Block::Parallel(_) => "parallelGateway",
                    _ => "inclusiveGateway",
                };
                let (split, join) = (self.id("g"), self.plain(kind, out));
                let mut default = String::new();
                for (k, b) in all.iter().enumerate() {
                    let (first, last) = self.write(b, out);
                    let condition = match (kind, k) {
                        ("parallelGateway", _) => String::new(),
                        (_, 0) => String::new(),
                        _ => format!("pick &gt;= {k}"),
                    };
                    let flow = self.flow(&split, &first, &condition, out);
                    if k == 0 && kind == "inclusiveGateway" {
                        default = format!("default=\"{flow}\"");
                    }
                    self.flow(&last, &join, "", out);
                }
                out.push_str(&format!("<bpmn:{kind} id=\"{split}\" {default}/>"));
                (split, join)
            }
            Block::Sub {
                inner,
                interrupting,
                calm,
            } => {
                let body = self.body(inner, Some(*calm));
                let id = self.id("s");
                out.push_str(&format!(
                    "<bpmn:subProcess id=\"{id}\">{body}</bpmn:subProcess>"
                ));
                let attributes =
                    format!("attachedToRef=\"{id}\" cancelActivity=\"{interrupting}\"");
                let late = self.timer("boundaryEvent", &attributes, out);
                let join = self.plain("exclusiveGateway", out);
                self.flow(&id, &join, "", out);
                if *interrupting {
                    self.flow(&late, &join, "", out);
                } else {
                    let end = self.plain("endEvent", out);
                    self.flow(&late, &end, "", out);
                }
                (id, join)
            }
            Block::CountersignedSub(inner) => {
                let body = self.body(inner, None);
                let id = self.id("s");
                out.push_str(&format!("<bpmn:subProcess id=\"{id}\"><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>{body}</bpmn:subProcess>"));
                one(id)
            }
        }
    }
}

pub(crate) fn model(b: &Block) -> String {
    let body = Writer::default().body(b, Some(true));
    format!(
        "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:tb=\"http://tongban.dev/bpmn\"><bpmn:message id=\"msg\" name=\"m\"/><bpmn:process id=\"p\" isExecutable=\"true\">{body}</bpmn:process></bpmn:definitions>"
    )
}

pub(crate) type Wish = (u8, usize, usize);

fn nth<T: Clone>(all: &[T], which: usize) -> Option<T> {
    all.get(which.checked_rem(all.len())?).cloned()
}

fn command(instance: &Instance, (verb, a, b): Wish) -> Option<Command> {
    let state = &instance.state;
    let tasks: Vec<u64> = state.open_tasks().map(|(task, _)| task).collect();
    let ids: Vec<_> = instance.def.elements().map(|e| e.id.clone()).collect();
    let here: Vec<_> = state.tokens.iter().map(|t| t.at.clone()).collect();
    let pick = Vars::from([("pick".into(), (a % 4).into())]);
    let reason = String::new();
    Some(match verb {
        0..=7 => Command::Complete {
            task: nth(&tasks, a)?,
            vars: pick,
        },
        8..=10 => Command::FireTimer {
            timer: nth(&state.timers().map(|t| t.id).collect::<Vec<_>>(), a)?,
        },
        11..=12 => Command::Message {
            name: "m".into(),
            key: None,
            at: None,
            vars: pick,
        },
        13..=14 => Command::Return {
            task: nth(&tasks, a)?,
            to: nth(&ids, b)?,
            reason,
        },
        15..=17 => Command::Move {
            from: vec![nth(&here, a)?],
            to: vec![nth(&ids, b)?],
            reason,
        },
        18 => Command::AddOne {
            element: nth(&here, a)?,
            vars: pick,
        },
        19 => Command::RemoveOne {
            task: nth(&tasks, a)?,
            reason,
        },
        20 => Command::Suspend { reason },
        21..=22 => Command::Resume,
        23 => Command::Fail {
            token: nth(&state.tokens, a)?.id,
            error: "E".into(),
        },
        24 => Command::SetVars { vars: pick },
        _ => Command::Trigger {
            element: nth(&ids, b)?,
            vars: pick,
        },
    })
}

/// The command that brings a waiting token on.
pub(crate) fn onwards(instance: &Instance, token: &Token) -> Option<Command> {
    let vars = Vars::from([("pick".into(), 3.into())]);
    match token.on {
        On::Task(task) => Some(Command::Complete { task, vars }),
        On::Event => {
            let mut waits = instance.state.waits.iter();
            let wait = waits.find(|w| w.token == Some(token.id))?;
            Some(match &wait.for_ {
                For::Timer => Command::FireTimer { timer: wait.id },
                _ => Command::Trigger {
                    element: wait.element.clone(),
                    vars,
                },
            })
        }
        _ => None,
    }
}

pub(crate) fn drive(definition: Definition, wishes: &[Wish]) -> Instance {
    let mut instance = Instance::new(definition);
    let pick = Vars::from([("pick".into(), 2.into())]);
    instance.send(&Command::start(pick)).expect("starts");
    for wish in wishes {
        if let Some(command) = command(&instance, *wish) {
            let _ = instance.send(&command);
        }
    }
    let _ = instance.send(&Command::Resume);
    for _ in 0..600 {
        let next = instance
            .state
            .tokens
            .iter()
            .find_map(|t| onwards(&instance, t));
        let Some(command) = next else {
            break;
        };
        let sent = instance.send(&command);
        assert!(sent.is_ok(), "{command:?}: {sent:?}");
    }
    instance
}

pub(crate) fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    prop::collection::vec((0u8..27, any::<usize>(), any::<usize>()), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_breaks_an_instance(b in block(), wishes in wishes()) {
        let xml = model(&b);
        let (definition, _) = Definition::parse(xml.as_bytes()).expect("parses");
        let instance = drive(definition, &wishes);
        // Orders can leave a join half filled; nothing else may be left.
        let stuck = instance.state.tokens.iter().all(|t| matches!(t.on, On::Flow | On::Scope(_)));
        prop_assert!(stuck, "{}\n{:?}", xml, instance.state);
    }

    #[test]
    fn without_orders_every_instance_ends(b in block()) {
        let xml = model(&b);
        let (definition, _) = Definition::parse(xml.as_bytes()).expect("parses");
        let instance = drive(definition, &[]);
        prop_assert_eq!(instance.state.status, Status::Ended, "{}\n{:?}", xml, instance.state);
    }
}
