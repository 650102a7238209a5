//! The built-in data elements.

use std::borrow::Cow;
use std::sync::Arc;

use super::domains::{EDUCATION, INDUSTRY, PEOPLE, SEX, domain};
use super::{Choice, DataType, Element, Mask, Sensitivity, Widget};
use crate::checks::Check;
use crate::value::Decimal;
use crate::words::Words;

/// A plain element, to be refined by the methods below.
fn element(
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    data_type: DataType,
    source: &'static str,
) -> Element {
    let widget = match data_type {
        DataType::Text | DataType::Name | DataType::Identifier => Widget::Text,
        DataType::LongText => Widget::Textarea,
        DataType::Integer | DataType::Decimal => Widget::Number,
        DataType::Money => Widget::Money,
        DataType::Date => Widget::Date,
        DataType::Bool | DataType::Code => Widget::Radios,
        DataType::Codes => Widget::Checkboxes,
        DataType::Address => Widget::Address,
        DataType::Files => Widget::Files,
    };
    Element {
        code: Cow::Borrowed(code),
        name: Words::fixed(zh, en),
        data_type,
        min_chars: 0,
        max_chars: if data_type == DataType::LongText {
            2000
        } else {
            200
        },
        places: 0,
        min: None,
        max: None,
        unit: None,
        domain: Arc::from(Vec::<Choice>::new()),
        check: None,
        source: Cow::Borrowed(source),
        sensitivity: Sensitivity::Internal,
        widget,
        autocomplete: None,
        inputmode: None,
        mask: Mask::None,
    }
}

impl Element {
    fn chars(mut self, min: u32, max: u32) -> Self {
        (self.min_chars, self.max_chars) = (min, max);
        self
    }

    fn checked(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    fn about(mut self, sensitivity: Sensitivity, mask: Mask) -> Self {
        (self.sensitivity, self.mask) = (sensitivity, mask);
        self
    }

    fn keys(mut self, autocomplete: &'static str, inputmode: &'static str) -> Self {
        let some = |text: &'static str| (!text.is_empty()).then_some(Cow::Borrowed(text));
        (self.autocomplete, self.inputmode) = (some(autocomplete), some(inputmode));
        self
    }

    fn number(mut self, places: u32, min: i64, unit: Option<Words>) -> Self {
        self.places = places;
        self.min = Decimal::whole(min);
        self.unit = unit;
        let keyboard = if places == 0 { "numeric" } else { "decimal" };
        self.inputmode = Some(Cow::Borrowed(keyboard));
        self
    }

    fn of(mut self, choices: Arc<[Choice]>, widget: Widget) -> Self {
        (self.domain, self.widget) = (choices, widget);
        self
    }
}

/// Every built-in element.
pub(super) fn built_in() -> Vec<Element> {
    let mut all = people();
    all.extend(organisations());
    all.extend(places_and_contacts());
    all.extend(generic());
    all.extend(vehicles());
    all
}

fn people() -> Vec<Element> {
    use DataType::{Bool, Code, Date, Identifier, Name};
    use Sensitivity::{Personal, Sensitive};
    vec![
        element(
            "person.name",
            "姓名",
            "full name",
            Name,
            "GB/T 19488.2; GB 18030",
        )
        .chars(2, 50)
        .about(Personal, Mask::Name)
        .keys("name", ""),
        element(
            "person.id_no",
            "公民身份号码",
            "citizen identity number",
            Identifier,
            "GB 11643",
        )
        .chars(18, 18)
        .checked(Check::ResidentId)
        .about(Sensitive, Mask::Ends(6, 4)),
        element(
            "person.other_id_no",
            "其他证件号码",
            "other document number",
            Identifier,
            "—",
        )
        .chars(4, 30)
        .about(Sensitive, Mask::Ends(2, 2)),
        element("person.sex", "性别", "sex", Code, "GB/T 2261.1")
            .of(domain(SEX), Widget::Radios)
            .about(Personal, Mask::None)
            .keys("sex", ""),
        element("person.people", "民族", "people (minzu)", Code, "GB/T 3304")
            .of(domain(PEOPLE), Widget::Select)
            .about(Sensitive, Mask::None),
        element("person.education", "学历", "education", Code, "GB/T 4658")
            .of(domain(EDUCATION), Widget::Select)
            .about(Personal, Mask::None),
        element(
            "person.birth_date",
            "出生日期",
            "date of birth",
            Date,
            "GB/T 7408.1",
        )
        .about(Personal, Mask::None)
        .keys("bday", ""),
        element(
            "person.consent",
            "本人承诺",
            "promise",
            Bool,
            "行政许可法 第三十一条",
        ),
    ]
}

fn organisations() -> Vec<Element> {
    use DataType::{Code, Identifier, Text};
    vec![
        element(
            "org.name",
            "单位名称",
            "name of the organisation",
            Text,
            "GB/T 19488.2",
        )
        .chars(2, 120)
        .about(Sensitivity::Public, Mask::None)
        .keys("organization", ""),
        element(
            "org.uscc",
            "统一社会信用代码",
            "unified social credit code",
            Identifier,
            "GB 32100",
        )
        .chars(18, 18)
        .checked(Check::Uscc)
        .about(Sensitivity::Public, Mask::None),
        element(
            "org.industry",
            "行业门类",
            "industry section",
            Code,
            "GB/T 4754",
        )
        .of(domain(INDUSTRY), Widget::Select)
        .about(Sensitivity::Public, Mask::None),
        element(
            "document.number",
            "证书编号",
            "certificate number",
            Identifier,
            "—",
        )
        .chars(2, 60),
    ]
}

fn places_and_contacts() -> Vec<Element> {
    use DataType::{Address, Identifier, Text};
    use Sensitivity::Personal;
    let mut division = element(
        "place.division",
        "行政区划",
        "division",
        Identifier,
        "GB/T 2260",
    )
    .chars(6, 12)
    .checked(Check::Division);
    division.widget = Widget::Division;
    vec![
        division,
        element(
            "place.address",
            "地址",
            "address",
            Address,
            "GB/T 2260; GB/T 23705",
        )
        .chars(4, 200)
        .keys("street-address", ""),
        element(
            "place.address_text",
            "通信地址",
            "postal address",
            Text,
            "GB/T 23705",
        )
        .chars(6, 200)
        .about(Personal, Mask::Ends(6, 0))
        .keys("street-address", ""),
        element(
            "contact.mobile",
            "手机号",
            "mobile number",
            Identifier,
            "电信网编号计划",
        )
        .chars(11, 11)
        .checked(Check::Mobile)
        .about(Personal, Mask::Ends(3, 4))
        .keys("tel", "tel"),
        element(
            "contact.phone",
            "固定电话",
            "telephone",
            Identifier,
            "电信网编号计划",
        )
        .chars(11, 20)
        .checked(Check::Landline)
        .keys("tel", "tel"),
        element("contact.email", "邮箱", "email", Text, "RFC 5321")
            .chars(5, 254)
            .checked(Check::Email)
            .about(Personal, Mask::Ends(2, 8))
            .keys("email", "email"),
    ]
}

fn generic() -> Vec<Element> {
    use DataType as T;
    const AREA: Words = Words::fixed("平方米", " m²");
    const PEOPLE_UNIT: Words = Words::fixed("人", " people");
    const YUAN: Words = Words::fixed("元", " yuan");
    let source = "GB/T 7408.1";
    vec![
        element("text.line", "文字", "text", T::Text, "—").chars(1, 200),
        element("text.long", "说明", "description", T::LongText, "—").chars(1, 2000),
        element("date.day", "日期", "date", T::Date, source),
        element(
            "money.amount",
            "金额",
            "amount",
            T::Money,
            "GB/T 12406 (CNY)",
        )
        .number(2, 0, Some(YUAN)),
        element(
            "money.bank_account",
            "银行账号",
            "bank account",
            T::Identifier,
            "GB/T 14504",
        )
        .chars(8, 30)
        .checked(Check::BankAccount)
        .about(Sensitivity::Sensitive, Mask::Ends(4, 4))
        .keys("", "numeric"),
        element("number.integer", "数量", "number", T::Integer, "—").number(0, 0, None),
        element("number.decimal", "数值", "number", T::Decimal, "—").number(4, 0, None),
        element("measure.area", "面积", "area", T::Decimal, "GB 3100").number(2, 0, Some(AREA)),
        element("count.people", "人数", "number of people", T::Integer, "—").number(
            0,
            0,
            Some(PEOPLE_UNIT),
        ),
        element("choice.one", "单选", "choice", T::Code, "—"),
        element("choice.many", "多选", "choices", T::Codes, "—"),
        element("choice.yes_no", "是否", "yes or no", T::Bool, "—"),
        element("file.attachment", "附件", "attachment", T::Files, "—"),
    ]
}

fn vehicles() -> Vec<Element> {
    const TONNE: Words = Words::fixed("吨", " t");
    use DataType::{Decimal as Number, Identifier};
    vec![
        element(
            "vehicle.plate",
            "车牌号",
            "number plate",
            Identifier,
            "GA 36",
        )
        .chars(7, 8)
        .checked(Check::Plate),
        element(
            "vehicle.vin",
            "车辆识别代号",
            "vehicle identification number",
            Identifier,
            "GB 16735",
        )
        .chars(17, 17)
        .checked(Check::Vin),
        element("vehicle.mass", "总质量", "gross mass", Number, "GB 1589").number(
            3,
            0,
            Some(TONNE),
        ),
    ]
}
