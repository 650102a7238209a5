//! Made-up content for the gallery.

use crate::shell::{Html, MenuGroup, MenuItem, PageShell};
use crate::ui::{
    Choice, Confirmation, Empty, ErrorSummary, Fact, Facts, Field, FieldKind, FilterBar,
    FilterGroup, FilterOption, FormGroup, FormView, KeyValues, Lamp, LicenceCard, LicenceState,
    Pager, ParallelPart, Problem, Proof, RatingRow, RepeatRow, Ring, Step, StepState, Steps,
    SummaryCard, SummaryRow, Tab, Tabs, Task, TaskList, TaskState, Timeline, TimelineEntry,
    TimelineMark, Upload, UploadState, UploadedFile, Verified,
};

fn s(text: &str) -> String {
    text.to_owned()
}

/// Every component once, states included.
pub(super) fn all(shell: &PageShell) -> Vec<(&'static str, Html)> {
    let mut parts = vec![
        ("facts", facts().html(shell)),
        (
            "key-values",
            KeyValues {
                rows: vec![(s("申请人"), s("张*明")), (s("联系电话"), s("138****0000"))],
                one_column: false,
            }
            .html(shell),
        ),
        ("summary-card", summary().html(shell)),
        ("task-list", tasks().html(shell)),
        ("tabs", tabs().html(shell)),
        ("filter-bar", filter().html(shell)),
        ("pager", pager().html(shell)),
        (
            "empty",
            Empty {
                text: s("您还没有办过事"),
                action_text: s("看看能办什么"),
                action_href: s("/person"),
                ..Empty::default()
            }
            .html(shell),
        ),
        (
            "empty-filtered",
            Empty {
                filtered: true,
                icon: "search",
                action_href: s("/person"),
                ..Empty::default()
            }
            .html(shell),
        ),
        ("steps", steps().html(shell)),
        ("ring", ring(20, 4).html(shell)),
        ("ring-yellow", ring(5, 4).html(shell)),
        ("ring-overdue", ring(5, 7).html(shell)),
        (
            "ring-paused",
            Ring {
                paused: true,
                ..ring(5, 1)
            }
            .html(shell),
        ),
        ("timeline", timeline().html(shell)),
        ("rating", rating().html(shell)),
        (
            "error-summary",
            ErrorSummary {
                problems: vec![
                    Problem {
                        id: s("f-area"),
                        text: s("经营面积请填写数字"),
                    },
                    Problem {
                        id: String::new(),
                        text: s("共享平台暂时不可用"),
                    },
                ],
            }
            .html(shell),
        ),
        ("confirmation", confirmation().html(shell)),
        ("form", form().html(shell)),
    ];
    parts.extend(
        LicenceState::ALL
            .into_iter()
            .map(|state| ("licence", licence(state).html(shell))),
    );
    parts
}

fn facts() -> Facts {
    let fact = |label: &str, before: &str, value: &str, unit: &str| Fact {
        label: s(label),
        before: s(before),
        value: s(value),
        unit: s(unit),
    };
    Facts {
        facts: vec![
            fact("办结时限", "28", "5", "个工作日"),
            fact("到场次数", "", "0", "次"),
            fact("需您提交", "18", "2", "份材料"),
            fact("需您填写", "128", "12", "项"),
            fact("收费", "", "不收费", ""),
        ],
    }
}

fn summary() -> SummaryCard {
    let row = |label: &str, value: &str, source: &str, href: &str| SummaryRow {
        label: s(label),
        value: s(value),
        source: s(source),
        change_href: s(href),
    };
    SummaryCard {
        title: s("经营信息"),
        change_href: s("/dev/gallery/form"),
        rows: vec![
            row("店铺名称", "云州市东湖区张记小馆", "", "/dev/gallery/form"),
            row("经营场所", "湖滨路 88 号 1-03 室", "住建", ""),
        ],
    }
}

pub(super) fn tasks() -> TaskList {
    let task = |title: &str, icon, state, current| Task {
        title: s(title),
        icon,
        href: s("/dev/gallery/form"),
        state,
        current,
    };
    TaskList {
        percent: 62,
        tasks: vec![
            task("确认身份", "id-card", TaskState::Done, false),
            task("申请人信息", "user-round", TaskState::Done, false),
            task("经营信息", "store", TaskState::Problem(1), true),
            task("从业人员", "users", TaskState::Doing, false),
            task("上传材料", "files", TaskState::Todo, false),
            task("核对并提交", "list-checks", TaskState::Locked, false),
        ],
    }
}

pub(super) fn tabs() -> Tabs {
    let tab = |text: &str, count, urgent, current| Tab {
        text: s(text),
        href: s("#"),
        count: Some(count),
        urgent,
        current,
    };
    Tabs {
        label: s("任务状态"),
        tabs: vec![
            tab("全部待办", 37, false, true),
            tab("即将超期", 4, true, false),
            tab("已超期", 1, true, false),
            tab("今日新到", 11, false, false),
        ],
    }
}

fn filter() -> FilterBar {
    let option = |text: &str, current| FilterOption {
        text: s(text),
        href: s("#"),
        current,
    };
    FilterBar {
        groups: vec![
            FilterGroup {
                label: s("对象"),
                options: vec![
                    option("不限", false),
                    option("个人", true),
                    option("法人", false),
                ],
            },
            FilterGroup {
                label: s("主题"),
                options: vec![
                    option("不限", true),
                    option("准营准办", false),
                    option("社会保障", false),
                ],
            },
        ],
        clear_href: s("#"),
    }
}

pub(super) fn pager() -> Pager {
    Pager {
        summary: s("本页 8 件，共 37 件"),
        first_href: Some(s("#")),
        next_href: Some(s("#")),
    }
}

pub(super) fn steps() -> Steps {
    let step = |title: &str, detail: &str, state| Step {
        title: s(title),
        detail: s(detail),
        state,
    };
    Steps {
        steps: vec![
            step("提交", "11-19 10:46", StepState::Done),
            step("受理", "11-19 14:10", StepState::Done),
            step("审查", "进行中 3/4", StepState::Current),
            step("决定", "", StepState::Waiting),
            step("制证", "", StepState::Waiting),
            step("送达", "邮寄 + 电子证照", StepState::Waiting),
        ],
    }
}

pub(super) fn ring(total: u32, used: u32) -> Ring {
    Ring {
        total,
        used,
        paused: false,
        headline: s("预计 11 月 26 日前办结"),
        text: format!("法定 28 个 · 承诺 {total} 个 · 已用 {used} 个"),
    }
}

pub(super) fn timeline() -> Timeline {
    let entry =
        |datetime: &str, day: &str, time: &str, title: &str, text: &str, mark| TimelineEntry {
            datetime: s(datetime),
            day: s(day),
            time: s(time),
            title: s(title),
            text: s(text),
            mark,
            links: Vec::new(),
            proof: None,
            parts: Vec::new(),
        };
    let part = |organ: &str, item: &str, lamp, status: &str| ParallelPart {
        organ: s(organ),
        item: s(item),
        lamp,
        status: s(status),
    };
    let mut now = entry(
        "2026-11-23T09:20:00+08:00",
        "今天",
        "09:20",
        "市生态环境局 开始审查油烟排放告知",
        "预计今天 17:00 前完成。",
        TimelineMark::Current,
    );
    now.parts = vec![
        part("市场监管局", "营业执照", Lamp::Green, "已通过"),
        part("市场监管局", "食品经营许可", Lamp::Green, "已通过"),
        part("城市管理局", "户外招牌备案", Lamp::Green, "已通过"),
        part("生态环境局", "油烟排放告知", Lamp::Yellow, "审查中"),
    ];
    let mut accepted = entry(
        "2026-11-19T14:10:00+08:00",
        "11-19",
        "14:10",
        "已受理，承诺 5 个工作日办结",
        "《受理通知书》已生成。",
        TimelineMark::Done,
    );
    accepted.links = vec![(s("查看"), s("#")), (s("打印"), s("#"))];
    accepted.proof = Some(Proof {
        short: s("41bd…0f2c"),
        href: s("/verify/record"),
    });
    Timeline {
        entries: vec![
            now,
            entry(
                "2026-11-20T10:05:00+08:00",
                "11-20",
                "10:05",
                "您已补交 1 份材料",
                "用时 18 小时，不计入办理时限。",
                TimelineMark::Warning,
            ),
            accepted,
            entry(
                "2026-11-19T10:46:00+08:00",
                "11-19",
                "10:46",
                "提交成功",
                "29 项信息自动填写。",
                TimelineMark::Done,
            ),
        ],
    }
}

pub(super) fn licence(state: LicenceState) -> LicenceCard {
    LicenceCard {
        name: s("营业执照"),
        holder: s("云州市东湖区张记小馆"),
        number: s("92330102MA****"),
        valid_to: if state == LicenceState::Expired {
            s("2025-11-20")
        } else {
            String::new()
        },
        issuer: s("云州市市场监督管理局"),
        state,
        links: vec![(s("亮证"), s("#")), (s("下载"), s("#"))],
    }
}

pub(super) fn rating() -> RatingRow {
    RatingRow {
        legend: s("为“受理”环节打分"),
        name: s("level"),
        chosen: Some(5),
    }
}

fn confirmation() -> Confirmation {
    Confirmation {
        title: s("提交成功"),
        number_label: s("办件编号"),
        number: s("3301-2026-1119-00871"),
        text: s("我们将在 11 月 20 日前告诉您是否受理。"),
    }
}

fn repeat() -> Field {
    let kind = FieldKind::Repeat {
        rows: vec![RepeatRow {
            title: s("户外招牌 1"),
            remove_name: s("signs.0.remove"),
            fields: vec![
                Field::text("signs.0.width", "招牌长（米）", "4.2"),
                Field::new(
                    "signs.0.place",
                    "安装位置",
                    FieldKind::Select {
                        choices: vec![
                            Choice::new("door", "门头正上方", true),
                            Choice::new("side", "侧墙", false),
                        ],
                    },
                ),
            ],
        }],
        add_name: s("signs.add"),
        item_name: s("招牌"),
    };
    Field::new("signs", "户外招牌", kind)
}

fn upload() -> Field {
    let file = |name: &str, detail: &str, state| UploadedFile {
        name: s(name),
        detail: s(detail),
        view_href: s("#"),
        remove_value: s(name),
        state,
    };
    let upload = Upload {
        action: s("/dev/gallery/upload"),
        accept: s("image/*,.pdf"),
        accept_text: s("JPG、PNG、PDF"),
        max_bytes: 20 << 20,
        max_text: s("20 MB"),
        max_files: 5,
        files: vec![
            file(
                "布局图-前厅.jpg",
                "2.4 MB · 清晰度检测通过",
                UploadState::Done,
            ),
            file("布局图-后厨.jpg", "5.1 MB", UploadState::Checking),
            file("合同.exe", "不是允许的格式", UploadState::Refused),
        ],
        template_href: s("#"),
        sample_href: s("#"),
        phone_href: s("#"),
    };
    Field::new("layout", "店内布局图", FieldKind::Upload(upload))
        .hint("营业执照、食品许可共用，只传一次")
}

pub(super) fn form() -> FormView {
    let verified = |label: &str, value: &str, source: &str, at: &str, disputed, wide| Verified {
        label: s(label),
        value: s(value),
        source: s(source),
        at: s(at),
        correct_href: s("#"),
        disputed,
        wide,
    };
    let area = FieldKind::Text {
        value: s("八十六"),
        inputmode: s("decimal"),
        autocomplete: s("off"),
        width: "in-w8",
        unit: s("㎡"),
        maxlength: 12,
    };
    let yes_no = vec![
        Choice::new("yes", "是", false),
        Choice::new("no", "否", true),
    ];
    let kinds = vec![
        Choice {
            hint: s("含凉菜、生食"),
            ..Choice::new("cold", "冷食", true)
        },
        Choice::new("hot", "热食", false),
    ];
    FormView {
        title: s("经营信息"),
        intro: s("一次填写，同时用于：营业执照、食品经营许可、户外招牌备案、油烟排放告知"),
        action: s("/dev/gallery/form"),
        verified: vec![
            verified("经营者姓名", "张*明", "公安", "", false, false),
            verified("公民身份号码", "3301****001X", "公安", "", false, false),
            verified(
                "经营场所",
                "云州市东湖区湖滨路 88 号 1-03 室",
                "住建 租赁备案",
                "2026-11-02",
                true,
                true,
            ),
        ],
        groups: vec![
            FormGroup {
                legend: s("请您填写"),
                note: s("共 8 项"),
                icon: "pencil-line",
                fields: vec![
                    Field::text("shop", "店铺名称", "云州市东湖区张记小馆")
                        .hint("将作为营业执照字号，已预检：可以使用")
                        .wide(),
                    Field::new("area", "经营面积", area).error("经营面积请填写数字，例如 86.5"),
                    Field::new(
                        "open-date",
                        "计划开业日期",
                        FieldKind::Date {
                            value: s("2026-12-08"),
                        },
                    )
                    .hint("例如 2026-12-08"),
                    Field::new(
                        "cold",
                        "是否现场加工冷食？",
                        FieldKind::Radio {
                            choices: yes_no,
                            stacked: false,
                        },
                    ),
                    Field::new("kinds", "经营种类", FieldKind::Checks { choices: kinds }),
                    Field::new(
                        "street",
                        "所在街道",
                        FieldKind::Suggest {
                            value: String::new(),
                            suggestions: vec![s("湖滨街道"), s("东湖街道")],
                        },
                    )
                    .optional(),
                    Field::new(
                        "note",
                        "补充说明",
                        FieldKind::TextArea {
                            value: String::new(),
                            maxlength: 500,
                        },
                    )
                    .optional(),
                    repeat(),
                ],
            },
            FormGroup {
                legend: s("上传材料"),
                note: String::new(),
                icon: "files",
                fields: vec![upload()],
            },
        ],
        back_href: s("/dev/gallery"),
        can_save_later: true,
        ..FormView::default()
    }
}

pub(super) fn menu() -> Vec<MenuGroup> {
    let item = |key, text: &str, icon, count: Option<u64>, urgent| MenuItem {
        key,
        text: s(text),
        icon,
        href: s("/dev/gallery/workbench"),
        count,
        urgent,
    };
    vec![
        MenuGroup {
            title: s("审批"),
            items: vec![
                item("inbox", "待办任务", "inbox", Some(37), true),
                item("sign", "会签与征询", "users", Some(6), false),
                item("wait", "待申请人补正", "file-clock", Some(12), false),
                item("done", "我已办", "circle-check-big", None, false),
            ],
        },
        MenuGroup {
            title: s("统一受理"),
            items: vec![item("counter", "综合窗口", "monitor-check", None, false)],
        },
        MenuGroup {
            title: s("管理"),
            items: vec![
                item("items", "事项目录", "list-tree", None, false),
                item("flow", "流程设计", "workflow", None, false),
            ],
        },
    ]
}
