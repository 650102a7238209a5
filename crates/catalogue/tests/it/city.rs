//! The fictional city: codes are right, references lead somewhere, every duty is held by somebody.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use serde::Deserialize;
use tongban_codes::{DivisionCode, Divisions, OrgCode, PersonDocument, Uscc};
use tongban_kernel::Post;

use crate::support::{ITEMS, demo, item};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct City {
    version: u32,
    demo: bool,
    source: String,
    name: String,
    area: String,
    login: Login,
    divisions: Vec<Division>,
    organs: Vec<Organ>,
    posts: Vec<PostLabel>,
    halls: Vec<serde_json::Value>,
    staff: Vec<Staff>,
    citizens: Vec<Citizen>,
    enterprises: Vec<Enterprise>,
}

#[derive(Deserialize)]
struct Login {
    password: String,
}

#[derive(Deserialize)]
struct Division {
    code: String,
    level: String,
    parent: Option<String>,
}

#[derive(Deserialize)]
struct Organ {
    key: String,
    uscc: String,
    org_code: String,
    area: String,
    parent: Option<String>,
}

#[derive(Deserialize)]
struct PostLabel {
    key: String,
    label: String,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    number: String,
}

#[derive(Deserialize)]
struct Staff {
    login: String,
    organ: String,
    posts: Vec<String>,
    document: Document,
}

#[derive(Deserialize)]
struct Citizen {
    login: String,
    name: String,
    document: Document,
    address: Address,
}

#[derive(Deserialize)]
struct Address {
    area: String,
}

#[derive(Deserialize)]
struct Enterprise {
    uscc: String,
    legal_rep: String,
    agents: Vec<Agent>,
}

#[derive(Deserialize)]
struct Agent {
    person: String,
    items: Vec<String>,
}

fn city() -> City {
    serde_json::from_str(&demo("city.json")).expect("parses")
}

#[test]
fn divisions_form_a_tree_under_a_code_that_no_place_has() {
    let city = city();
    assert!(city.demo && city.source.contains("虚构") && city.name == "云州市");
    assert_eq!((city.version, city.area.as_str()), (1, "339900"));
    let code = DivisionCode::parse("339900").expect("has the form of a code");
    assert!(
        Divisions::national().get(code).is_none(),
        "not in GB/T 2260"
    );
    let codes: BTreeSet<&str> = city.divisions.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(codes.len(), city.divisions.len());
    for division in &city.divisions {
        let length = match division.level.as_str() {
            "city" | "county" => 6,
            "town" => 9,
            "village" => 12,
            other => panic!("{other}"),
        };
        assert_eq!(division.code.len(), length);
        match &division.parent {
            Some(parent) => assert!(codes.contains(parent.as_str())),
            None => assert_eq!(division.code, "339900"),
        }
    }
    let lived = city.citizens.iter().map(|c| c.address.area.as_str());
    assert!(
        lived
            .chain(city.organs.iter().map(|o| o.area.as_str()))
            .all(|a| codes.contains(a))
    );
}

#[test]
fn every_number_passes_its_check_digit_and_is_used_once() {
    let city = city();
    let today = date(2026, 11, 23);
    let mut seen = BTreeSet::new();
    for organ in &city.organs {
        let uscc = Uscc::parse(&organ.uscc).expect("check digit");
        assert_eq!(uscc.area(), organ.area);
        OrgCode::parse(&organ.org_code).expect("check digit");
        assert_eq!(&organ.uscc[8..17], organ.org_code);
        assert!(seen.insert(organ.uscc.as_str()));
    }
    for enterprise in &city.enterprises {
        Uscc::parse(&enterprise.uscc).expect("check digit");
        assert!(seen.insert(enterprise.uscc.as_str()));
    }
    let documents = city.staff.iter().map(|s| &s.document);
    for document in documents.chain(city.citizens.iter().map(|c| &c.document)) {
        let read = PersonDocument::parse(&document.kind, &document.number, today)
            .unwrap_or_else(|error| panic!("{}: {error}", document.number));
        if let Some(born) = read.birth_date() {
            assert!((1930..=2008).contains(&born.year()), "an adult: {born}");
        }
        assert!(
            seen.insert(document.number.as_str()),
            "{} twice",
            document.number
        );
    }
    let kinds: BTreeSet<&str> = city
        .citizens
        .iter()
        .map(|c| c.document.kind.as_str())
        .collect();
    assert!(kinds.is_superset(&BTreeSet::from(["111", "516", "553"])));
    assert!(
        city.citizens.iter().any(|c| c.name.contains('䶮')),
        "a rare character"
    );
}

#[test]
fn every_post_is_held_and_every_item_can_be_worked_in_its_organ() {
    let city = city();
    assert!(!city.login.password.is_empty() && !city.halls.is_empty());
    let organs: BTreeMap<&str, &str> = city
        .organs
        .iter()
        .map(|o| (o.key.as_str(), o.uscc.as_str()))
        .collect();
    assert!(
        city.organs
            .iter()
            .all(|o| o.parent.as_deref().is_none_or(|p| organs.contains_key(p)))
    );
    assert_eq!(city.posts.len(), Post::ALL.len());
    for post in &city.posts {
        let known = Post::from_key(&post.key).expect("a post of the kernel");
        assert_eq!(known.label(), post.label);
        let held = city.staff.iter().any(|s| s.posts.contains(&post.key));
        assert!(held, "nobody is {}", post.key);
    }
    let logins: BTreeSet<&str> = city.staff.iter().map(|s| s.login.as_str()).collect();
    assert_eq!(logins.len(), city.staff.len());
    assert!(
        city.staff
            .iter()
            .all(|s| organs.contains_key(s.organ.as_str()))
    );
    let holds = |uscc: &str, post: &str| {
        let of = |s: &&Staff| organs.get(s.organ.as_str()) == Some(&uscc);
        city.staff
            .iter()
            .filter(of)
            .any(|s| s.posts.iter().any(|p| p == post))
    };
    for id in ITEMS {
        let item = item(id);
        let organ = item.dept_code.as_deref().expect("an organ");
        for post in ["acceptor", "reviewer", "decider", "issuer", "item-manager"] {
            assert!(holds(organ, post), "{id}: no {post}");
        }
        for dept in item.match_depts.iter().flatten() {
            assert!(holds(&dept.dept_code, "reviewer"), "{}", dept.dept_name);
        }
    }
}

#[test]
fn enterprises_have_a_representative_and_agents_for_known_items() {
    let city = city();
    let citizens: BTreeSet<&str> = city.citizens.iter().map(|c| c.login.as_str()).collect();
    let codes: BTreeSet<String> = ITEMS.iter().filter_map(|id| item(id).task_code).collect();
    assert!(city.enterprises.iter().any(|e| !e.agents.is_empty()));
    for enterprise in &city.enterprises {
        assert!(citizens.contains(enterprise.legal_rep.as_str()));
        for agent in &enterprise.agents {
            assert!(citizens.contains(agent.person.as_str()));
            assert!(agent.items.iter().all(|code| codes.contains(code)));
        }
    }
}
