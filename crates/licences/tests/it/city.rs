//! A small town: one organ with officers, one person, one enterprise, one licence type.

use std::sync::OnceLock;

use serde_json::{Value, json};
use tongban_accounts::{
    NewEnterprise, NewOfficer, NewOrgan, NewPerson, PersonProfile, hash_password,
    register_enterprise, register_officer, register_organ, register_person,
};
use tongban_kernel::{
    Actor, CaseId, Citizen, EnterpriseId, LicenceId, Officer, OrganId, PersonId, Post, Result,
};
use tongban_licences::{
    Change, HolderKind, IssueOrder, Issued, Operation, SealKeys, SoftwareSeals, VerifyUrl, change,
    issue,
};
use tongban_storage::{Ctx, Migration, sequence_pending};
use tongban_testkit::TestStore;

pub(crate) fn migrations() -> &'static [Migration] {
    static ALL: OnceLock<Vec<Migration>> = OnceLock::new();
    ALL.get_or_init(|| {
        [
            tongban_accounts::MIGRATIONS,
            tongban_catalogue::MIGRATIONS,
            tongban_licences::MIGRATIONS,
        ]
        .concat()
    })
}

pub(crate) const ORGAN: &str = "11370800MB28559184";
pub(crate) const TYPE: &str = "11370800MB28559184001";
pub(crate) const LI_NA: &str = "11010519491231002X";
pub(crate) const USCC: &str = "91330102MA28NBU477";

pub(crate) struct City {
    pub(crate) store: TestStore,
    /// Of the platform itself.
    pub(crate) ctx: Ctx,
    pub(crate) organ: OrganId,
    pub(crate) other_organ: OrganId,
    pub(crate) li_na: PersonId,
    pub(crate) stranger: PersonId,
    pub(crate) enterprise: EnterpriseId,
}

fn person(name: &str, number: &str, login: &str) -> NewPerson {
    NewPerson {
        profile: PersonProfile {
            user_name: name.to_owned(),
            cert_type: "111".to_owned(),
            cert_no: number.to_owned(),
            user_mobile: String::new(),
            address: String::new(),
        },
        real_level: 2,
        login: login.to_owned(),
        password_hash: "x".to_owned(),
    }
}

fn organ(code: &str, name: &str) -> NewOrgan {
    NewOrgan {
        code: code.to_owned(),
        name: format!("云州市{name}"),
        short_name: name.to_owned(),
        division: "339900".to_owned(),
        phone: None,
    }
}

fn kind() -> Value {
    json!({
        "code": TYPE, "name": "食品经营许可证", "holder_kind": "any",
        "validity": {"kind": "period", "length": 5, "unit": "year"},
        "face_fields": [
            {"name": "operator_name", "label": "经营者名称", "type": "text", "required": true},
            {"name": "premises", "label": "经营场所", "type": "text", "required": true},
            {"name": "licence_no", "label": "许可证编号", "type": "text", "required": true},
            {"name": "issuer", "label": "发证机关", "type": "text", "required": true},
            {"name": "valid_to", "label": "有效期至", "type": "date", "required": true},
        ],
    })
}

impl City {
    pub(crate) async fn on(store: TestStore) -> Self {
        let keys = store.folder.path().join("keys");
        let seals = SoftwareSeals::open(&keys, store.ctx.ids.clone(), store.ctx.clock.clone())
            .expect("a folder of keys");
        let mut ctx = store.ctx.clone();
        ctx.parts = ctx
            .parts
            .with(SealKeys::new(seals))
            .with(VerifyUrl("https://zw.example/verify".to_owned()));
        let hash = hash_password("demo-2026", [1; 16]).expect("hashed");
        let inner = ctx.clone();
        let (organ, other_organ, li_na, stranger, enterprise) = ctx
            .db
            .write(move |tx| {
                let ctx = &inner;
                let own = register_organ(ctx, tx, &organ(ORGAN, "市场监管局"))?;
                let other = register_organ(ctx, tx, &organ("11339900009900021E", "交通局"))?;
                let li_na = register_person(ctx, tx, &person("李娜", LI_NA, "lina"))?;
                let stranger =
                    register_person(ctx, tx, &person("王芳", "110105199001010010", "wang"))?;
                let new = NewEnterprise {
                    uscc: USCC.to_owned(),
                    name: "云州小馆有限公司".to_owned(),
                    legal_name: "张三".to_owned(),
                    address: String::new(),
                };
                let enterprise = register_enterprise(ctx, tx, &new)?;
                for (no, organ) in [("1", own), ("2", other)] {
                    let officer = NewOfficer {
                        organ,
                        staff_no: no.to_owned(),
                        name: "王敏".to_owned(),
                        posts: vec![Post::Decider],
                        login: format!("officer{no}"),
                        password_hash: hash.clone(),
                    };
                    register_officer(ctx, tx, &officer)?;
                }
                let document = kind().to_string();
                tongban_catalogue::put_licence_type(tx, TYPE, "食品经营许可证", &document)?;
                Ok((own, other, li_na, stranger, enterprise))
            })
            .await
            .expect("a town");
        Self {
            store,
            ctx,
            organ,
            other_organ,
            li_na,
            stranger,
            enterprise,
        }
    }

    /// An officer of `organ` with `post`; the first registered one, so that the record finds a name.
    pub(crate) async fn officer(&self, organ: OrganId, post: Post) -> Ctx {
        let found = self
            .ctx
            .db
            .read(move |tx| tongban_accounts::officers_holding(tx, organ, Post::Decider))
            .await
            .expect("read");
        self.ctx.as_actor(Actor::Officer(Officer {
            officer: found[0],
            organ,
            posts: vec![post],
        }))
    }

    pub(crate) fn citizen(&self, person: PersonId, enterprise: Option<EnterpriseId>) -> Ctx {
        self.ctx.as_actor(Actor::Citizen(Citizen {
            person,
            enterprise,
            real_level: 2,
        }))
    }

    /// An order for the case number `n` of Li Na.
    pub(crate) fn order(&self, n: u32) -> IssueOrder {
        let face = json!({"operator_name": "李娜", "premises": "东湖区文昌路 1 号"});
        IssueOrder {
            case: format!("case_{n:032x}").parse::<CaseId>().expect("an id"),
            project_no: format!("3399002026030200000000{n:03}"),
            work: 7,
            type_code: TYPE.to_owned(),
            holder_kind: HolderKind::Person,
            holder_name: "李娜".to_owned(),
            holder_code: LI_NA.to_lowercase(),
            holder_code_type: "111".to_owned(),
            face: face.as_object().cloned().expect("an object"),
            organ_code: ORGAN.to_owned(),
            valid_from: self.ctx.clock.today(),
            valid_to: None,
            associated: None,
            demo: true,
        }
    }

    pub(crate) async fn issued(&self, n: u32) -> Issued {
        issue(&self.ctx, self.order(n)).await.expect("issued")
    }

    /// Gives waiting leaves their index, as a worker does.
    pub(crate) async fn sequence(&self) {
        let now = self.ctx.now();
        self.ctx
            .db
            .write(move |tx| sequence_pending(tx, 1_000, now))
            .await
            .expect("sequenced");
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        self.ctx
            .db
            .read(move |tx| tx.one(sql, &[], |row| row.get(0)))
            .await
            .expect("counted")
    }
}

/// An act on a licence with a key of its own.
pub(crate) async fn act(
    ctx: &Ctx,
    licence: LicenceId,
    operation: Operation,
    reason: &str,
) -> Result<Issued> {
    let key = ctx.ids.token();
    let wish = Change {
        licence,
        operation,
        reason: reason.to_owned(),
        key,
    };
    change(ctx, wish).await
}
