//! A person with concluded cases. Cases are put into the store as `tongban-cases` keeps them; how they got there is that
//! crate's matter.

use std::sync::OnceLock;

use serde_json::json;
use tongban_accounts::{NewOrgan, NewPerson, PersonProfile, register_organ, register_person};
use tongban_cases::model::{DraftContent, Submitted};
use tongban_cases::{Processes, WorkCalendar};
use tongban_codes::lists::RatingChannel;
use tongban_kernel::{Actor, CaseId, Citizen, Officer, OrganId, PersonId, Post};
use tongban_oversight::{Level, Rate, RatingRules};
use tongban_storage::{Ctx, Migration, params};
use tongban_testkit::TestStore;

pub(crate) fn migrations() -> &'static [Migration] {
    static ALL: OnceLock<Vec<Migration>> = OnceLock::new();
    ALL.get_or_init(|| {
        [
            tongban_accounts::MIGRATIONS,
            tongban_cases::MIGRATIONS,
            tongban_oversight::MIGRATIONS,
        ]
        .concat()
    })
}

pub(crate) const ENDED: &str = "3399002026030200000000001";
pub(crate) const SECOND: &str = "3399002026030200000000002";
pub(crate) const OPEN: &str = "3399002026030200000000003";

pub(crate) struct City {
    pub(crate) store: TestStore,
    pub(crate) ctx: Ctx,
    pub(crate) organ: OrganId,
    pub(crate) other_organ: OrganId,
    pub(crate) li_na: PersonId,
    pub(crate) stranger: PersonId,
}

fn person(name: &str, number: &str) -> NewPerson {
    NewPerson {
        profile: PersonProfile {
            user_name: name.to_owned(),
            cert_type: "111".to_owned(),
            cert_no: number.to_owned(),
            user_mobile: String::new(),
            address: String::new(),
        },
        real_level: 2,
        login: number.to_owned(),
        password_hash: "x".to_owned(),
    }
}

impl City {
    pub(crate) async fn on(store: TestStore) -> Self {
        let mut ctx = store.ctx.clone();
        ctx.parts = ctx
            .parts
            .with(WorkCalendar::default())
            .with(Processes::default())
            .with(RatingRules::default());
        let inner = ctx.clone();
        let (organ, other_organ, li_na, stranger) = ctx
            .db
            .write(move |tx| {
                let mut organs = ["11370800MB28559184", "11339900009900021E"]
                    .into_iter()
                    .map(|code| {
                        let new = NewOrgan {
                            code: code.to_owned(),
                            name: "云州市市场监督管理局".to_owned(),
                            short_name: "市场监管局".to_owned(),
                            division: "339900".to_owned(),
                            phone: None,
                        };
                        register_organ(&inner, tx, &new)
                    });
                let organ = organs.next().expect("one")?;
                let other = organs.next().expect("two")?;
                drop(organs);
                let li_na = register_person(&inner, tx, &person("李娜", "11010519491231002X"))?;
                let stranger = register_person(&inner, tx, &person("王芳", "110105199001010010"))?;
                Ok((organ, other, li_na, stranger))
            })
            .await
            .expect("a town");
        let city = Self {
            store,
            ctx,
            organ,
            other_organ,
            li_na,
            stranger,
        };
        city.case(1, ENDED, false).await;
        city.case(2, SECOND, false).await;
        city.case(3, OPEN, true).await;
        city
    }

    async fn case(&self, n: u32, project_no: &'static str, open: bool) {
        let id: CaseId = format!("case_{n:032x}").parse().expect("an id");
        let (ctx, person, organ) = (self.ctx.clone(), self.li_na, self.organ);
        let acceptance = json!({"on": "2026-02-27", "deemed": false});
        let state = if open {
            json!({"state": "handling", "acceptance": acceptance})
        } else {
            json!({"state": "concluded", "acceptance": acceptance, "verdict": "granted", "at": ctx.now()})
        };
        let process = serde_json::to_string(&tongban_process::State::default()).expect("JSON");
        let (data, wrapped) = ctx.vault.new_key(&ctx.ids).expect("a key");
        let owner = format!("{id}/key");
        let sealed_key = ctx
            .vault
            .seal(&ctx.ids, &data, owner.as_bytes(), &[7; 32])
            .expect("sealed");
        let profile = tongban_accounts::person(&ctx, person).await.expect("known");
        let submitted = Submitted {
            version: 1,
            draft: DraftContent::default(),
            submission: serde_json::Value::Null,
            person: profile,
            enterprise: None,
        };
        let content = submitted.to_json("{}").expect("JSON");
        let content = ctx
            .vault
            .seal(
                &ctx.ids,
                &data,
                id.to_string().as_bytes(),
                content.as_bytes(),
            )
            .expect("sealed");
        let now = ctx.now();
        let draft: tongban_kernel::DraftId = ctx.ids.id(now);
        let frozen = serde_json::to_vec(&DraftContent::default()).expect("JSON");
        let frozen = ctx
            .vault
            .seal(&ctx.ids, &data, draft.to_string().as_bytes(), &frozen)
            .expect("sealed");
        ctx.clone()
            .db
            .write(move |tx| {
                let item: tongban_kernel::ItemVersionId = ctx.ids.id(now);
                tx.put(
                    "INSERT INTO draft (id, principal, person_id, item_version_id, data_key, sealed, revision, created_at,
                         updated_at, expires_at, case_id) VALUES ($1, $2, $3, $4, $5, $6, 2, $7, $7, $7, $8)",
                    params![draft, person.to_string(), person, item, &wrapped, &frozen, now, id],
                )?;
                tx.put(
                    "INSERT INTO case_file (id, project_no, item_version_id, task_code, task_name, organ_id, organ_name,
                         organs, principal, person_id, enterprise_id, applyer_masked, state, state_code, is_open, clock,
                         promise_due, process_hash, process_state, data_key, sealed_key, event_n, prev, prev_sm3,
                         apply_channel, submitted_at, updated_at, revision, draft_id)
                     VALUES ($1, $2, $3, '11339902009900128N4330190003000', '食品经营许可', $4, '市场监管局', $5, $6, $7, NULL,
                         '李*', $8, 11, $9, 'null', NULL, 'x', $10, $11, $12, 0, $13, $13, 1, $14, $14, 1, $15)",
                    params![
                        id,
                        project_no,
                        item,
                        organ,
                        serde_json::to_string(&[organ]).expect("JSON"),
                        person.to_string(),
                        person,
                        state.to_string(),
                        open,
                        &process,
                        &wrapped,
                        &sealed_key,
                        &[0_u8; 32],
                        now,
                        draft
                    ],
                )?;
                tx.put("INSERT INTO case_content (case_id, sealed) VALUES ($1, $2)", params![id, &content])
            })
            .await
            .expect("a case");
        // Its record begins with the events that made it so.
        self.history(id, open).await;
    }

    /// The events that lead to the state above, without leaves of their own.
    async fn history(&self, id: CaseId, open: bool) {
        let mut facts = vec![
            json!({"event": "received"}),
            json!({"event": "accepted", "on": "2026-02-27", "deemed": false, "document_no": "1"}),
            json!({"event": "handling-started"}),
        ];
        if !open {
            facts.push(json!({"event": "granted", "reason": "x", "tolerance": false}));
        }
        let by =
            json!({"role": "system", "officer": null, "organ": null, "name": "系统", "basis": "x"})
                .to_string();
        let now = self.ctx.now();
        self.ctx
            .db
            .write(move |tx| {
                for (seq, fact) in (0_i64..).zip(&facts) {
                    tx.put(
                        "INSERT INTO case_event (case_id, seq, happened_at, name, by_whom, officer_id, fact, leaf, sealed_proof)
                         VALUES ($1, $2, $3, $4, $5, NULL, $6, $7, $7)",
                        params![id, seq, now, fact["event"].as_str().unwrap_or_default(), &by, fact.to_string(), &[0_u8; 32]],
                    )?;
                }
                let n = i64::try_from(facts.len()).unwrap_or_default();
                tx.put("UPDATE case_file SET event_n = $2 WHERE id = $1", params![id, n])
            })
            .await
            .expect("a record");
    }

    pub(crate) fn citizen(&self, person: PersonId) -> Ctx {
        self.ctx.as_actor(Actor::Citizen(Citizen {
            person,
            enterprise: None,
            real_level: 2,
        }))
    }

    pub(crate) fn officer(&self, organ: OrganId, post: Post) -> Ctx {
        self.ctx.as_actor(Actor::Officer(Officer {
            officer: "off_00000000000000000000000000000009"
                .parse()
                .expect("an id"),
            organ,
            posts: vec![post],
        }))
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        self.ctx
            .db
            .read(move |tx| tx.one(sql, &[], |row| row.get(0)))
            .await
            .expect("counted")
    }
}

pub(crate) fn wish(project_no: &str, level: Level, key: &str) -> Rate {
    Rate {
        project_no: project_no.to_owned(),
        level,
        tags: vec![tongban_oversight::Tag::Efficiency],
        text: "窗口很耐心".to_owned(),
        channel: RatingChannel::Desktop,
        key: key.to_owned(),
    }
}
