//! Each refusal names what is wrong, in Chinese for people and by a code for programs.

use jiff::civil::date;
use tongban_codes::*;

use crate::vectors::with_check;

#[test]
fn citizen_numbers() {
    let today = date(2026, 3, 2);
    let future = with_check("11010520260303001");
    let hong_kong = with_check("81000019900307001");
    let unknown = with_check("99010519491231002");
    for (text, code, says) in [
        ("", "empty", "请填写"),
        ("110105491231002", "first_generation", "18 位"),
        ("1101051949123100", "length", "16 位"),
        ("1101051949123100２O", "character", "第 18 位“O”"),
        ("11010519491231O02X", "character", "第 15 位“O”"),
        ("1101051949123100XX", "character", "第 17 位“X”"),
        ("000105194912310021", "province", "“00”"),
        (unknown.as_str(), "foreigner", "外国人永久居留"),
        (hong_kong.as_str(), "hmt_resident", "港澳台居民居住证"),
        ("110105194913310025", "birth_date", "19491331"),
        ("110105190002290025", "birth_date", "19000229"),
        (future.as_str(), "born_in_future", "2026-03-03"),
        ("110105194912310021", "check_digit", "校验码"),
    ] {
        let error = ResidentId::parse(text, today).unwrap_err();
        assert_eq!(error.code(), code, "{text}");
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
    // Born today is allowed: a new-born is registered on its first day.
    assert!(ResidentId::parse(&with_check("11010520260302001"), today).is_ok());
    // A stored number is read without today.
    assert!(future.parse::<ResidentId>().is_ok());
}

#[test]
fn credit_codes() {
    for (text, code, says) in [
        ("", "empty", "请填写"),
        ("9133018273686154", "length", "16 位"),
        ("9133O182736861540P", "letter", "第 5 位“O”"),
        ("91330182736861540中", "character", "第 18 位“中”"),
        ("91330182736861540Q", "check_digit", "校验码"),
    ] {
        let error = Uscc::parse(text).unwrap_err();
        assert_eq!(error.code(), code, "{text}");
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn org_codes() {
    for (text, code) in [
        ("", "empty"),
        ("0087781-3", "length"),
        ("0087781#-3", "character"),
        ("00877818-4", "check_digit"),
    ] {
        assert_eq!(OrgCode::parse(text).unwrap_err().code(), code, "{text}");
    }
}

#[test]
fn licence_identifiers() {
    for (text, code) in [
        ("", "empty"),
        (
            "1.2.156.3005.3.11100000MB03271699022.340100.1.001.9",
            "root",
        ),
        ("1.2.156.3005.2", "root"),
        ("1.2.156.3005.2.11100000MB03271699022.340100.1.001", "parts"),
        (
            "1.2.156.3005.2.11100000MB0327169902A.340100.000000016.001.9",
            "type_code",
        ),
        (
            "1.2.156.3005.2.11100000MB03271699022.34010.000000016.001.9",
            "issuer",
        ),
        (
            "1.2.156.3005.2.11100000MB03271699022.340100..001.9",
            "serial",
        ),
        (
            "1.2.156.3005.2.11100000MB03271699022.340100.000000016.000.9",
            "version",
        ),
        (
            "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.8",
            "check_digit",
        ),
        (
            "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.99",
            "check_digit",
        ),
    ] {
        assert_eq!(
            LicenceIdentifier::parse(text).unwrap_err().code(),
            code,
            "{text}"
        );
    }
}

#[test]
fn item_codes() {
    for (text, code) in [
        ("", "empty"),
        ("00010400200", "length"),
        ("0001040020A0", "digit"),
    ] {
        assert_eq!(CatalogCode::parse(text).unwrap_err().code(), code, "{text}");
    }
    let level = TaskCode::parse("11450721MB155808118000104002000").unwrap_err();
    assert_eq!(
        level.to_string(),
        "实施编码第 19 位“8”不是行使层级代码，应为 1 至 7。"
    );
    let digit = TaskCode::parse("11450721MB15580811400010400200X").unwrap_err();
    assert!(digit.to_string().contains("第 31 位“X”"), "{digit}");
    let item = HandleItemCode::parse("11450721MB15580811400014100500000").unwrap_err();
    assert_eq!(item.code(), "sequence");
}

#[test]
fn case_numbers() {
    for (text, code) in [
        ("", "empty"),
        ("34010020260302TB01000123", "length"),
        ("3401002026030ATB01000123X", "character"),
        ("34010020260332TB01000123X", "date"),
        ("34010020260302TB01000000X", "sequence"),
        ("34010020260302TB01000124X", "check_digit"),
    ] {
        assert_eq!(ProjectNo::parse(text).unwrap_err().code(), code, "{text}");
    }
}

#[test]
fn permits() {
    assert_eq!(
        MainlandTravelPermit::parse("A12345678").unwrap_err().code(),
        "form"
    );
    assert_eq!(
        MainlandTravelPermit::parse("H123456789")
            .unwrap_err()
            .code(),
        "form"
    );
    assert_eq!(TaiwanPermit::parse("1234567A").unwrap_err().code(), "form");
    assert_eq!(Passport::parse("E1").unwrap_err().code(), "form");
    assert_eq!(Passport::parse("护照E12345678").unwrap_err().code(), "form");
    let own = "11010519491231002X".parse::<HmtResidenceId>().unwrap_err();
    assert_eq!(own.code(), "prefix");
    let old = "US1310085010112"
        .parse::<ForeignerResidenceId>()
        .unwrap_err();
    assert_eq!(old.code(), "form");
}

#[test]
fn division_codes() {
    for (text, code) in [
        ("", "empty"),
        ("5116", "length"),
        ("51160A", "character"),
        ("510002", "gap"),
        ("001602", "gap"),
        ("511602000001", "gap"),
    ] {
        assert_eq!(
            DivisionCode::parse(text).unwrap_err().code(),
            code,
            "{text}"
        );
    }
}

#[test]
fn reading_json_goes_through_the_checks() {
    assert!(serde_json::from_str::<Uscc>("\"91330182736861540P\"").is_ok());
    let error = serde_json::from_str::<Uscc>("\"91330182736861540Q\"").unwrap_err();
    assert!(error.to_string().contains("校验码"), "{error}");
    assert!(serde_json::from_str::<lists::TaskType>("\"21\"").is_err());
}
