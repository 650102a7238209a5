//! The embedded tables are whole and agree with the enums.

use jiff::civil::date;
use tongban_codes::codelist::{self, CodeEnum, join_multi, parse_multi};
use tongban_codes::lists::*;
use tongban_codes::*;

fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).unwrap()
}

fn same_as_list<T: CodeEnum>() {
    let list = codelist::list(T::LIST).unwrap_or_else(|| panic!("no list {}", T::LIST));
    let of_enum: Vec<_> = T::all()
        .iter()
        .map(|value| (value.code(), value.label()))
        .collect();
    assert_eq!(of_enum, list.items, "{}", T::LIST);
}

#[test]
fn enums_equal_their_lists() {
    macro_rules! all {
        ($($type:ty),+ $(,)?) => { $( same_as_list::<$type>(); )+ };
    }
    all!(
        TaskType,
        UseLevel,
        DeptType,
        PowerSource,
        ServerType,
        ServerTypeGb,
        ProjectType,
        HandleType,
        HandleTypeGb,
        TimeUnit,
        HandleArea,
        OnlineDepth,
        ResultType,
        TaskState,
        MaterialNeed,
        MaterialType,
        MaterialFormat,
        MaterialSource,
        ApplyChannel,
        CaseEventState,
        FinishResult,
        StepKind,
        SpecialType,
        Satisfaction,
        RatingChannel,
        CertState,
        CertTrust,
        ShareType,
        OpenType,
        ConstructionStage,
        AlertType,
        StepAction,
        StepState,
        DocumentKind,
    );
}

#[test]
fn lists_are_whole() {
    assert_eq!(codelist::all().count(), 46);
    for list in codelist::all() {
        assert!(!list.items.is_empty() && !list.source.is_empty() && !list.confidence.is_empty());
        let mut codes: Vec<_> = list.items.iter().map(|(code, _)| code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), list.items.len(), "doubled code in {}", list.id);
    }
    assert_eq!(codelist::label("task_type", "01"), Some("行政许可"));
    assert_eq!(codelist::label("theme_legal", "040"), Some("投资审批"));
    assert_eq!(codelist::list("theme_person").unwrap().items.len(), 32);
    assert_eq!(codelist::label("task_type", "77"), None);
    assert_eq!(codelist::label("no_such_list", "1"), None);
    assert!(!codelist::list("open_type").unwrap().is_verified());
}

#[test]
fn multi_valued_fields() {
    // The published data of Lingshan say "1,9": natural persons and other organisations.
    let both = parse_multi::<ServerType>("1, 9,1").unwrap();
    assert_eq!(
        both,
        [ServerType::NaturalPerson, ServerType::OtherOrganisation]
    );
    assert_eq!(join_multi(&both), "1,9");
    let error = parse_multi::<ServerType>("1,7").unwrap_err();
    assert_eq!(
        error.to_string(),
        "“7”不是“服务对象(国家平台上报码)”中的代码。"
    );
    assert_eq!(parse_multi::<UseLevel>("").unwrap(), []);
}

#[test]
fn the_two_numberings_are_converted() {
    assert_eq!(ServerTypeGb::from(ServerType::Administrative).code(), "5");
    assert_eq!(
        ServerTypeGb::from(ServerType::UnincorporatedEnterprise).code(),
        "6"
    );
    for value in ServerTypeGb::ALL {
        assert_eq!(ServerTypeGb::from(ServerType::from(*value)), *value);
        assert_eq!(ServerType::from(*value).label(), value.label());
    }
    for value in HandleType::ALL {
        assert_eq!(HandleTypeGb::from(*value).to_exchange(), Some(*value));
    }
    assert_eq!(
        HandleTypeGb::OnlineMobile.to_exchange(),
        Some(HandleType::Online)
    );
    assert_eq!(HandleTypeGb::Other.to_exchange(), None);
    for value in Satisfaction::ALL {
        let other_way = codelist::label("satisfaction_hcp", value.interface_code());
        assert_eq!(other_way, Some(value.label()));
        assert_eq!(
            Satisfaction::from_interface_code(value.interface_code()),
            Some(*value)
        );
    }
    assert_eq!(Satisfaction::from_interface_code("0"), None);
}

#[test]
fn case_states() {
    assert_eq!(CaseEventState::ALL.len(), 15);
    assert!(CaseEventState::Refused.is_final() && !CaseEventState::SpecialStarted.is_final());
    assert!(!CaseEventState::SupplementStarted.is_after_acceptance());
    assert!(TaskType::PublicService.is_on_application());
    assert!(!TaskType::Punishment.is_on_application());
}

#[test]
fn the_national_table() {
    let table = Divisions::national();
    let count = |level| {
        table
            .iter()
            .filter(|division| division.level() == level)
            .count()
    };
    assert_eq!(
        (
            count(Level::Province),
            count(Level::Prefecture),
            count(Level::County)
        ),
        (34, 342, 2849)
    );
    assert_eq!(table.children(DivisionCode::NATION).count(), 34);
    let reached: usize = table
        .children(DivisionCode::NATION)
        .map(|province| {
            let below: usize = table
                .children(province.code)
                .map(|city| {
                    table
                        .children(city.code)
                        .filter(|d| d.level() == Level::County)
                        .count()
                })
                .sum();
            below
        })
        .sum();
    assert_eq!(reached, 2849, "every county hangs below a prefecture");
}

#[test]
fn names_and_paths() {
    let table = Divisions::national();
    for (text, name) in [
        ("511602", "四川省广安市广安区"),
        ("110101", "北京市东城区"),
        ("110100", "北京市"),
        ("429004", "湖北省仙桃市"),
        ("500229", "重庆市城口县"),
        ("441900003", "广东省东莞市东城街道"),
        ("441900003000", "广东省东莞市东城街道"),
        ("810000", "香港特别行政区"),
    ] {
        assert_eq!(table.full_name(code(text)).as_deref(), Some(name), "{text}");
    }
    assert_eq!(table.full_name(code("990000")), None);
    assert_eq!(table.children(code("511602")).count(), 25);
    let street = table.children(code("511602")).next().unwrap();
    assert_eq!(table.parent(street.code).unwrap().name, "广安区");
    assert!(
        table.children(street.code).count() > 0,
        "villages of the first street"
    );
    assert_eq!(table.find("仙桃", 5).len(), 1);
}

#[test]
fn code_forms() {
    let county = code("511602");
    assert_eq!(
        (county.six(), county.nine(), county.twelve()),
        ("511602".into(), "511602000".into(), "511602000000".into())
    );
    assert_eq!(code("511602000000"), county);
    assert_eq!(code("511602001").level(), Level::Township);
    assert_eq!(code("511602001").six(), "511602");
    assert!(county.contains(code("511602001003")) && !county.contains(code("511603001")));
    assert_eq!(code("000000"), DivisionCode::NATION);
    assert_eq!(county.level().use_level(), UseLevel::County);
}

#[test]
fn a_fictional_region_is_added() {
    let extra = "# 虚构\n980000\t云州省\n980100\t通安市\n980102\t澄江区\t2020-01-01\n980102\t旧澄江县\t\t2019-12-31\n980102001\t河东街道\n";
    let table = Divisions::with_extra(extra).unwrap();
    assert_eq!(
        table.full_name(code("980102001")).as_deref(),
        Some("云州省通安市澄江区河东街道")
    );
    assert_eq!(table.len(), Divisions::national().len() + 5);
    assert_eq!(
        table.get_on(code("980102"), date(2019, 6, 1)).unwrap().name,
        "旧澄江县"
    );
    assert_eq!(
        table.get_on(code("980102"), date(2020, 1, 1)).unwrap().name,
        "澄江区"
    );
    assert_eq!(
        table.children(code("980100")).count(),
        1,
        "two entries of one code are one child"
    );
    assert_eq!(table.children(DivisionCode::NATION).count(), 35);
}

#[test]
fn a_bad_line_is_named() {
    for (extra, says) in [
        ("980000\t云州省\n98010\t通安市", "第 2 行"),
        ("980000", "名称"),
        ("980000\t云州省\t2020-13-01", "2020-13-01"),
        ("980000\t云州省\t2020-01-02\t2020-01-01", "停用日期早于"),
    ] {
        let error = Divisions::with_extra(extra).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}
