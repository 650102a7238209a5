//! Real published codes (testdata/vectors.json) and what is read out of them.

use jiff::civil::date;
use serde_json::Value;
use tongban_codes::lists::{TaskType, UseLevel};
use tongban_codes::*;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../testdata/vectors.json")).unwrap()
}

fn texts(vectors: &Value, key: &str) -> Vec<String> {
    let list = vectors[key].as_array().unwrap();
    assert!(!list.is_empty(), "{key}");
    list.iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

fn field(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

#[test]
fn credit_codes() {
    let vectors = vectors();
    for text in texts(&vectors, "uscc_valid") {
        let code = Uscc::parse(&text).unwrap();
        assert_eq!(code.to_string(), text);
        assert_eq!(code.area(), &text[2..8]);
        assert_eq!(
            Uscc::parse(&format!(" {} ", text.to_lowercase())).unwrap(),
            code
        );
    }
    for text in texts(&vectors, "uscc_invalid") {
        assert_eq!(
            Uscc::parse(&text).unwrap_err(),
            UsccError::CheckDigit,
            "{text}"
        );
        let published = PublishedUscc::parse(&text).unwrap();
        assert_eq!(published.warning(), Some(UsccError::CheckDigit));
        assert!(published.checked().is_err());
    }
    let shop = Uscc::parse("91330182736861540P").unwrap();
    assert_eq!(shop.registrar_label(), "市场监管");
    assert_eq!(shop.org_code().unwrap().to_string(), "73686154-0");
}

#[test]
fn org_codes() {
    for text in texts(&vectors(), "org_code_valid") {
        let code = OrgCode::parse(&text).unwrap();
        assert_eq!(code.to_string(), text);
        assert_eq!(OrgCode::parse(code.compact()).unwrap(), code);
    }
}

#[test]
fn citizen_numbers() {
    let today = date(2026, 3, 2);
    for text in texts(&vectors(), "resident_id_valid") {
        assert_eq!(ResidentId::parse(&text, today).unwrap().to_string(), text);
    }
    let id = ResidentId::parse("１１０１０５ 19491231-002ｘ", today).unwrap();
    assert_eq!(id.birth_date(), Some(date(1949, 12, 31)));
    assert_eq!((id.sex(), id.area()), (Sex::Female, "110105"));
    assert_eq!(id.masked(), "1101**********002X");
    assert_eq!(format!("{id:?}"), "ResidentId(1101**********002X)");
    assert_eq!(id.age_on(date(2025, 12, 30)), Some(75));
    assert_eq!(id.age_on(date(2025, 12, 31)), Some(76));
    assert_eq!(id.age_on(date(1949, 12, 30)), None);
}

#[test]
fn licence_identifiers() {
    for text in texts(&vectors(), "cert_identifier_valid") {
        let id = LicenceIdentifier::parse(&text).unwrap();
        assert_eq!(id.to_string(), text);
        let rebuilt = LicenceIdentifier::build(LicenceIdentifierParts {
            type_code: id.type_code(),
            issuer: id.issuer(),
            serial: id.serial(),
            version: id.version(),
        });
        assert_eq!(rebuilt.unwrap(), id);
    }
    let id =
        LicenceIdentifier::parse("1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9")
            .unwrap();
    assert_eq!(
        (id.issuer(), id.serial(), id.version()),
        ("340100", "000000016", 1)
    );
    let next = id.next_version().unwrap();
    assert_eq!((next.version(), next.serial()), (2, "000000016"));
}

#[test]
fn task_codes() {
    let vectors = vectors();
    for vector in vectors["task_code_31"].as_array().unwrap() {
        let code = TaskCode::parse(&field(vector, "code")).unwrap();
        assert_eq!(code.organ(), field(vector, "uscc"));
        assert_eq!(code.use_level().code(), field(vector, "use_level"));
        assert_eq!(code.catalog().as_str(), field(vector, "catalog_code"));
        let organ = PublishedUscc::parse(code.organ()).unwrap();
        assert_eq!(
            TaskCode::build(&organ, code.use_level(), &code.catalog()),
            code
        );
    }
    for vector in vectors["task_handle_item_33"].as_array().unwrap() {
        let code = HandleItemCode::parse(&field(vector, "code")).unwrap();
        assert_eq!(code.task().as_str(), field(vector, "task_code"));
        assert_eq!(format!("{:02}", code.sequence()), field(vector, "seq"));
        assert_eq!(
            HandleItemCode::build(&code.task(), code.sequence()).unwrap(),
            code
        );
    }
    for vector in vectors["material_code"].as_array().unwrap() {
        let code = MaterialCode::parse(&field(vector, "code")).unwrap();
        assert_eq!(
            code.handle_item().is_some(),
            field(vector, "rule").contains("33")
        );
        let rebuilt = match code.handle_item() {
            Some(item) => MaterialCode::of_handle_item(&item, code.sequence()),
            None => MaterialCode::of_task(&code.task(), code.sequence()),
        };
        assert_eq!(rebuilt.unwrap(), code);
    }
}

#[test]
fn catalog_codes() {
    let code = CatalogCode::parse("370117002011").unwrap();
    assert_eq!(
        (code.area(), code.main(), code.sub()),
        ("37", "17002", Some("011"))
    );
    assert_eq!(code.task_type(), Some(TaskType::Licence));
    assert_eq!(code.parent().unwrap().as_str(), "370117002000");
    let short = CatalogCode::parse("0104002000").unwrap();
    assert_eq!(short.as_str(), "000104002000");
    assert!(short.is_national() && short.sub().is_none() && short.parent().is_none());
    assert_eq!(
        CatalogCode::parse("441119001000").unwrap().task_type(),
        None
    );
}

#[test]
fn a_published_task_code_with_a_bad_organ_is_imported_with_a_warning() {
    let text = "9033090376131409XE4000104002000";
    let error = TaskCode::parse(text).unwrap_err();
    assert_eq!(error.code(), "organ");
    let code = TaskCode::parse_published(text).unwrap();
    assert_eq!(code.organ_warning(), Some(UsccError::CheckDigit));
    assert_eq!(code.use_level(), UseLevel::County);
    assert_eq!(text.parse::<TaskCode>().unwrap(), code);
}

#[test]
fn case_numbers() {
    let area = DivisionCode::parse("340100").unwrap();
    let number = ProjectNo::build(area, date(2026, 3, 2), "tb01", 123).unwrap();
    assert_eq!(number.as_str().len(), 25);
    assert!(number.as_str().starts_with("34010020260302TB01000123"));
    assert_eq!(
        ProjectNo::parse(&number.as_str().to_lowercase()).unwrap(),
        number
    );
    assert_eq!(number.date(), Some(date(2026, 3, 2)));
    assert_eq!(
        (number.area(), number.channel(), number.sequence()),
        ("340100", "TB01", 123)
    );
    // Computed apart from this code with the ISO 7064 procedure.
    assert_eq!(check::mod_37_36("34010020260302TB01000123"), Some('X'));
    for (channel, sequence, code) in [
        ("TB1", 1, "channel"),
        ("TB-一", 1, "channel"),
        ("TB01", 0, "sequence"),
        ("TB01", 1_000_000, "sequence"),
    ] {
        let error = ProjectNo::build(area, date(2026, 3, 2), channel, sequence).unwrap_err();
        assert_eq!(error.code(), code);
    }
}

#[test]
fn investment_project_codes() {
    let code = InvestProjectCode::parse("2020-340100-48-01-012345").unwrap();
    assert_eq!(code.as_str(), "2020-340100-48-01-012345");
    assert_eq!(
        InvestProjectCode::parse("20203401004801012345").unwrap(),
        code
    );
    assert_eq!((code.year(), code.area()), (2020, "340100"));
    assert_eq!(
        InvestProjectCode::parse("19203401004801012345")
            .unwrap_err()
            .code(),
        "year"
    );
}

#[test]
fn documents_by_type_code() {
    let today = date(2026, 3, 2);
    let read = |kind: &str, number: &str| PersonDocument::parse(kind, number, today);
    assert!(matches!(
        read("111", "11010519491231002x"),
        Ok(PersonDocument::ResidentId(_))
    ));
    assert!(matches!(
        read("414", "e1234 5678"),
        Ok(PersonDocument::Passport(_))
    ));
    assert!(matches!(
        read("511", "01234567"),
        Ok(PersonDocument::TaiwanPermit(_))
    ));
    assert!(matches!(
        read("516", "h12345678"),
        Ok(PersonDocument::MainlandTravelPermit(_))
    ));
    assert!(matches!(
        read("990", "军字第12号"),
        Ok(PersonDocument::Other(_))
    ));
    assert_eq!(read("777", "1").unwrap_err().code(), "unknown_kind");

    let hong_kong = with_check("81000019900307001");
    let card = read("154", &hong_kong).unwrap();
    assert!(matches!(card, PersonDocument::HmtResidence(_)));
    assert_eq!(
        (card.birth_date(), card.sex()),
        (Some(date(1990, 3, 7)), Some(Sex::Male))
    );
    assert_eq!(read("111", &hong_kong).unwrap_err().code(), "hmt_resident");
    assert_eq!(
        read("154", &with_check("83000020260303001"))
            .unwrap_err()
            .code(),
        "born_in_future"
    );

    let foreigner = with_check("91184019850101002");
    assert_eq!(read("111", &foreigner).unwrap_err().code(), "foreigner");
    let card = read("553", &foreigner).unwrap();
    assert_eq!(
        (card.birth_date(), card.sex()),
        (Some(date(1985, 1, 1)), Some(Sex::Female))
    );
    assert_eq!(read("553", "usa310085010112").unwrap().birth_date(), None);

    let json = serde_json::to_value(&card).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"type": "553", "number": foreigner})
    );
    assert_eq!(
        serde_json::from_value::<PersonDocument>(json).unwrap(),
        card
    );
}

#[test]
fn permits_keep_the_person_number() {
    let card = MainlandTravelPermit::parse("H12345678 01").unwrap();
    assert_eq!(
        (card.as_str(), card.person_number()),
        ("H1234567801", "H12345678")
    );
}

#[test]
fn mobiles() {
    let mobile = Mobile::parse("+86 138-0013-1234").unwrap();
    assert_eq!(
        (mobile.as_str(), mobile.masked().as_str()),
        ("13800131234", "138****1234")
    );
    assert_eq!(Mobile::parse("１３８００１３１２３４").unwrap(), mobile);
    assert_eq!(format!("{mobile:?}"), "Mobile(138****1234)");
    for (text, code) in [
        ("", "empty"),
        ("1380013", "length"),
        ("12800131234", "prefix"),
        ("1380013123四", "character"),
    ] {
        assert_eq!(Mobile::parse(text).unwrap_err().code(), code, "{text}");
    }
}

pub(crate) fn with_check(body: &str) -> String {
    format!("{body}{}", check::resident_id(body).unwrap())
}
