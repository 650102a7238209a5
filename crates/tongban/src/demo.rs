//! The sample city: 云州市 is fictional, and every page says so; the list of 广安区 is real, and says what it does not publish.
//!
//! Loading again changes nothing: what is there already is left as it is.

use jiff::ToSpan as _;
use jiff::civil::Date;
use rust_embed::RustEmbed;
use serde::Deserialize;
use tongban_accounts::{
    NewEnterprise, NewOfficer, NewOrgan, NewPerson, PersonProfile, hash_password,
    register_enterprise, register_officer, register_organ, register_person,
};
use tongban_catalogue::NewVersion;
use tongban_kernel::{Error, Post, Result};
use tongban_storage::{Ctx, Tx, params};

use crate::progress::Progress;

#[derive(RustEmbed)]
#[folder = "../../demo"]
struct Files;

/// The reference processes: three organs review side by side, the same with a countersign before the decision, or the deciding
/// organ alone.
const PROCESSES: [(&str, &[u8]); 3] = [
    (
        "licence-approval",
        include_bytes!("../../process/testdata/licence-approval.bpmn"),
    ),
    (
        "licence-approval-countersign",
        include_bytes!("../../process/testdata/licence-approval-countersign.bpmn"),
    ),
    (
        "licence-approval-single",
        include_bytes!("../../process/testdata/licence-approval-single.bpmn"),
    ),
];

/// The one-window organ of the sample city: 市政务服务中心.
pub const WINDOW_ORGAN: &str = "12339900009900179Y";

#[derive(Deserialize)]
struct City {
    area: String,
    login: CityLogin,
    divisions: Vec<CityDivision>,
    organs: Vec<CityOrgan>,
    staff: Vec<CityOfficer>,
    citizens: Vec<CityPerson>,
    enterprises: Vec<CityEnterprise>,
}

#[derive(Deserialize)]
struct CityDivision {
    code: String,
    name: String,
    parent: Option<String>,
}

#[derive(Deserialize)]
struct CityLogin {
    password: String,
}

#[derive(Deserialize)]
struct CityOrgan {
    key: String,
    name: String,
    short: String,
    uscc: String,
    area: String,
}

#[derive(Deserialize)]
struct CityOfficer {
    login: String,
    name: String,
    organ: String,
    posts: Vec<String>,
}

#[derive(Deserialize)]
struct CityPerson {
    login: String,
    name: String,
    document: CityDocument,
    mobile: String,
    real_level: u8,
    address: CityAddress,
    persona: String,
}

#[derive(Deserialize)]
struct CityDocument {
    #[serde(rename = "type")]
    kind: String,
    number: String,
}

#[derive(Deserialize)]
struct CityAddress {
    detail: String,
}

#[derive(Deserialize)]
struct CityEnterprise {
    name: String,
    uscc: String,
    legal_rep: String,
    address: CityAddress,
    agents: Vec<CityAgent>,
}

#[derive(Deserialize)]
struct CityAgent {
    person: String,
    valid_from: jiff::civil::Date,
    valid_to: jiff::civil::Date,
}

/// An account that the sample city offers for trying out.
#[derive(Debug, Clone)]
pub struct Account {
    pub login: String,
    pub name: String,
    /// Whose shoes one stands in.
    pub role: String,
    /// Works for an organ.
    pub staff: bool,
}

fn file(path: &str) -> Result<Vec<u8>> {
    Files::get(path)
        .map(|file| file.data.into_owned())
        .ok_or_else(|| Error::internal(format!("demo/{path} is missing")))
}

fn text(path: &str) -> Result<String> {
    String::from_utf8(file(path)?).map_err(|_| Error::internal(format!("demo/{path} is not UTF-8")))
}

fn city() -> Result<City> {
    serde_json::from_slice(&file("city.json")?)
        .map_err(|source| Error::internal("demo/city.json").source(source))
}

/// The password of every demo account.
pub fn password() -> Result<String> {
    Ok(city()?.login.password)
}

/// The accounts worth trying first: one per kind of hand in the journey of 食品经营许可, then the other citizens.
pub fn accounts() -> Result<Vec<Account>> {
    let city = city()?;
    let organ_name = |key: &str| {
        city.organs
            .iter()
            .find(|organ| organ.key == key)
            .map_or("", |organ| organ.short.as_str())
    };
    let first = [
        "zhouchuang",
        "dhscjg-acceptor",
        "dhscjg-reviewer",
        "xfjy-reviewer",
        "sthj-reviewer",
        "dhscjg-decider",
        "jiancha",
        "shixiang",
        "xitong",
    ];
    let citizens = city.citizens.iter().map(|person| Account {
        login: person.login.clone(),
        name: person.name.clone(),
        role: format!("市民：{}", person.persona),
        staff: false,
    });
    let staff = first
        .iter()
        .filter_map(|login| city.staff.iter().find(|officer| officer.login == *login))
        .map(|officer| {
            let posts: Vec<&str> = officer
                .posts
                .iter()
                .filter_map(|key| Post::from_key(key))
                .map(Post::label)
                .collect();
            Account {
                login: officer.login.clone(),
                name: officer.name.clone(),
                role: format!("{} {}", organ_name(&officer.organ), posts.join("、")),
                staff: true,
            }
        });
    Ok(citizens.chain(staff).collect())
}

/// Loads the city into an empty store; `false` when it is there already.
pub async fn load(ctx: &Ctx, progress: &Progress) -> Result<bool> {
    let loaded: Option<String> = ctx
        .db
        .read(|tx| {
            tx.opt(
                "SELECT value FROM setting WHERE name = 'demo.city'",
                params![],
                |row| row.get(0),
            )
        })
        .await?;
    if loaded.is_some() {
        return Ok(false);
    }
    let city = city()?;
    let hash = {
        let (password, salt) = (city.login.password.clone(), ctx.ids.bytes());
        // One hash for all: the demo password is printed anyway, and argon2 is slow on purpose.
        tokio::task::spawn_blocking(move || hash_password(&password, salt))
            .await
            .map_err(|_| Error::internal("password hash panicked"))??
    };
    let items = items()?;
    let bar = progress.bar(
        "装载示例城市",
        (items.len() + city.staff.len() + city.citizens.len()) as u64,
    );
    let (ctx2, hash2) = (ctx.clone(), hash.clone());
    let people = (city.staff.len() + city.citizens.len()) as u64;
    let city = std::sync::Arc::new(city);
    ctx.db
        .write(move |tx| register_city(&ctx2, tx, &city, &hash2))
        .await?;
    bar.add(people);
    for chunk in items.chunks(100) {
        let (ctx2, chunk) = (ctx.clone(), std::sync::Arc::new(chunk.to_vec()));
        let n = chunk.len() as u64;
        ctx.db
            .write(move |tx| {
                for (item, form, as_imported) in chunk.iter() {
                    let new = NewVersion {
                        item: item.clone(),
                        form: form.clone(),
                        as_imported: *as_imported,
                    };
                    tongban_catalogue::publish(&ctx2, tx, &new)?;
                }
                Ok(())
            })
            .await?;
        bar.add(n);
    }
    // The mark comes last: an interrupted load is refused by its unique rows and reported, never half accepted.
    let now = ctx.now();
    ctx.db
        .write(move |tx| {
            tx.put(
                "INSERT INTO setting (name, value, updated_at) VALUES ('demo.city', 'loaded', $1)",
                params![now],
            )
        })
        .await?;
    bar.finish();
    Ok(true)
}

type Item = (tongban_catalogue::model::ServiceItem, Option<String>, bool);

/// The six full items with their forms, and the real list.
fn items() -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for path in Files::iter().filter(|path| path.starts_with("items/") && path.ends_with(".json")) {
        let json: serde_json::Value = serde_json::from_str(&text(&path)?)
            .map_err(|source| Error::internal(format!("demo/{path}")).source(source))?;
        let item = tongban_catalogue::model::from_stored(json)
            .map_err(|source| Error::internal(format!("demo/{path}")).source(source))?;
        let form = match &item.form_id {
            Some(id) => Some(text(&format!("forms/{id}.json"))?),
            None => None,
        };
        items.push((item, form, false));
    }
    let list = text("items/guangan-511602.tsv")?;
    let list = tongban_catalogue::model::import::import_item_list(&list)
        .map_err(|source| Error::internal("demo list").source(source))?;
    items.extend(list.into_iter().map(|imported| (imported.item, None, true)));
    Ok(items)
}

fn register_city(ctx: &Ctx, tx: &mut Tx<'_>, city: &City, hash: &str) -> Result<()> {
    let mut organs = std::collections::BTreeMap::new();
    for organ in &city.organs {
        let new = NewOrgan {
            code: organ.uscc.clone(),
            name: organ.name.clone(),
            short_name: organ.short.clone(),
            division: organ.area.clone(),
            phone: None,
        };
        organs.insert(organ.key.as_str(), register_organ(ctx, tx, &new)?);
    }
    for (n, officer) in city.staff.iter().enumerate() {
        let new = NewOfficer {
            organ: *organs
                .get(officer.organ.as_str())
                .ok_or_else(|| Error::internal(format!("demo organ {}", officer.organ)))?,
            staff_no: format!("{}{:04}", city.area, n + 1),
            name: officer.name.clone(),
            posts: officer
                .posts
                .iter()
                .filter_map(|key| Post::from_key(key))
                .collect(),
            login: officer.login.clone(),
            password_hash: hash.to_owned(),
        };
        register_officer(ctx, tx, &new)?;
    }
    let mut persons = std::collections::BTreeMap::new();
    for person in &city.citizens {
        let new = NewPerson {
            profile: PersonProfile {
                user_name: person.name.clone(),
                cert_type: person.document.kind.clone(),
                cert_no: person.document.number.clone(),
                user_mobile: person.mobile.clone(),
                address: person.address.detail.clone(),
            },
            real_level: person.real_level,
            login: person.login.clone(),
            password_hash: hash.to_owned(),
        };
        persons.insert(
            person.login.as_str(),
            (register_person(ctx, tx, &new)?, person.name.as_str()),
        );
    }
    for enterprise in &city.enterprises {
        let new = NewEnterprise {
            uscc: enterprise.uscc.clone(),
            name: enterprise.name.clone(),
            legal_name: persons
                .get(enterprise.legal_rep.as_str())
                .map_or("", |(_, name)| name)
                .to_owned(),
            address: enterprise.address.detail.clone(),
        };
        let id = register_enterprise(ctx, tx, &new)?;
        for agent in &enterprise.agents {
            if let Some((person, _)) = persons.get(agent.person.as_str()) {
                tongban_accounts::grant_agency(tx, id, *person, agent.valid_from, agent.valid_to)?;
            }
        }
    }
    for path in Files::iter().filter(|path| path.starts_with("licence-types/")) {
        let document = text(&path)?;
        let kind: serde_json::Value = serde_json::from_str(&document)
            .map_err(|source| Error::internal(format!("demo/{path}")).source(source))?;
        let member = |name: &str| {
            kind.get(name)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        tongban_catalogue::put_licence_type(tx, &member("code"), &member("name"), &document)?;
    }
    // Decisions before the processes that ask them.
    for path in Files::iter().filter(|path| path.starts_with("decisions/")) {
        tongban_cases::publish_decisions(ctx, tx, &file(&path)?)?;
    }
    for (name, bpmn) in PROCESSES {
        tongban_cases::publish_process(ctx, tx, name, bpmn)?;
    }
    tongban_cases::publish_process(
        ctx,
        tx,
        "road-freight-approval",
        &file("processes/road-freight-approval.bpmn")?,
    )?;
    Ok(())
}

/// A complete application for 食品经营许可, as somebody of the sample city would make it `today`. An answer `today+56d` in the
/// file is the day so many days later.
pub fn sample(today: Date) -> Result<serde_json::Value> {
    let mut sample: serde_json::Value = serde_json::from_slice(&file("answers/spjy.json")?)
        .map_err(|source| Error::internal("demo answers").source(source))?;
    let values = sample
        .get_mut("values")
        .and_then(serde_json::Value::as_object_mut);
    for value in values.into_iter().flat_map(|values| values.values_mut()) {
        let day = value.as_str().and_then(|text| day_after(today, text));
        if let Some(day) = day {
            *value = day.to_string().into();
        }
    }
    Ok(sample)
}

/// The day that `today+…d` means.
fn day_after(today: Date, text: &str) -> Option<Date> {
    let days: i32 = text
        .strip_prefix("today+")?
        .strip_suffix('d')?
        .parse()
        .ok()?;
    today.checked_add(days.days()).ok()
}

/// The towns and communities of the city with their whole names, for the choice of an address.
pub fn divisions() -> Result<Vec<(String, String)>> {
    let divisions = city()?.divisions;
    let whole = |code: &str| {
        let (mut names, mut next) = (Vec::new(), Some(code.to_owned()));
        while let Some(found) =
            next.and_then(|code| divisions.iter().find(|division| division.code == code))
        {
            names.push(found.name.as_str());
            next = found.parent.clone();
        }
        names.reverse();
        names.concat()
    };
    let lowest = divisions.iter().filter(|division| division.code.len() >= 9);
    Ok(lowest
        .map(|division| (division.code.clone(), whole(&division.code)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_of_the_sample_lie_ahead_whatever_day_it_is() {
        for today in [
            jiff::civil::date(2026, 3, 2),
            jiff::civil::date(2040, 12, 31),
        ] {
            let sample = sample(today).expect("a sample");
            let text = sample["values"]["open_date"].as_str().expect("a day");
            let day: Date = text.parse().expect("a date");
            assert!(day > today, "{day}");
            assert!(!sample["values"].to_string().contains("today"), "{sample}");
        }
        assert_eq!(day_after(jiff::civil::date(2026, 3, 2), "today+xd"), None);
        assert_eq!(day_after(Date::MAX, "today+1d"), None);
    }
}
