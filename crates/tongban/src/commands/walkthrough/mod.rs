//! The whole journey over HTTP, unattended: what the README promises, checked step by step.

mod person;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tongban_kernel::{Error, Result};
use tongban_tlog::{Bundle, Policy, verify_bundle};

use super::demo::prepared;
use super::serve::run;
use crate::config::Config;
use crate::demo;
use crate::progress::Progress;

/// A white PNG of one pixel: a real file of an accepted kind.
const PICTURE: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3A, 0x7E, 0x9B, 0x55, 0, 0, 0, 0x0A, b'I', b'D', b'A', b'T',
    0x78, 0x9C, 0x63, 0xF8, 0x0F, 0, 1, 1, 1, 0, 0x1B, 0xB6, 0xEE, 0x56, 0, 0, 0, 0, b'I', b'E',
    b'N', b'D', 0xAE, 0x42, 0x60, 0x82,
];

/// Runs in an empty data folder; exit status 3 when anything differs from what is promised.
pub(super) async fn walkthrough(mut config: Config) -> Result<ExitCode> {
    let begun = Instant::now();
    // A port of its own, so that it can run beside a served demo.
    let listener = std::net::TcpListener::bind("127.0.0.1:0")
        .map_err(|source| Error::internal("port").source(source))?;
    config.listen = listener
        .local_addr()
        .map_err(|source| Error::internal("port").source(source))?
        .to_string();
    drop(listener);
    if config.data.join("tongban.db").exists() {
        return Err(Error::invalid(
            "walkthrough.data",
            format!("{} 里已有数据", config.data.display()),
        )
        .advice("请在空目录里运行，或用 --data 指定一个空目录"));
    }
    let base = format!("http://{}", config.listen);
    let app = prepared(config, Progress::stderr()).await?;
    let calendar = tongban_cases::calendar(&app.ctx)?;
    let today = app.ctx.clock.today();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(run(app, async {
        let _ = stopped.await;
    }));
    let journey = Journey {
        client: client()?,
        base,
        n: std::cell::Cell::new(0),
        since: std::cell::Cell::new(Instant::now()),
    };
    journey.wait_until_ready().await?;
    let outcome = journey.go(&calendar, today).await;
    let _ = stop.send(());
    server
        .await
        .map_err(|_| Error::internal("server panicked"))??;
    match outcome {
        Ok(()) => {
            println!(
                "全程 {:.1} 秒，{} 步全部符合。",
                begun.elapsed().as_secs_f64(),
                journey.n.get()
            );
            Ok(ExitCode::SUCCESS)
        }
        Err(differs) => {
            println!("✘ 第 {} 步之后：{differs}", journey.n.get());
            Ok(ExitCode::from(3))
        }
    }
}

fn client() -> Result<Client> {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .build()
        .map_err(|source| Error::internal("client").source(source))
}

/// What differed from the promise.
#[derive(Debug, thiserror::Error)]
enum Differs {
    #[error("{0}")]
    From(String),
    #[error("没有回答：{0}")]
    NoAnswer(#[from] reqwest::Error),
}

type Step<T = ()> = Result<T, Differs>;

fn promised(holds: bool, what: impl FnOnce() -> String) -> Step {
    if holds {
        Ok(())
    } else {
        Err(Differs::From(what()))
    }
}

fn text<'a>(json: &'a Value, path: &str) -> Step<&'a str> {
    json.pointer(path)
        .and_then(Value::as_str)
        .ok_or_else(|| Differs::From(format!("回答里没有 {path}：{json}")))
}

struct Journey {
    client: Client,
    base: String,
    n: std::cell::Cell<u32>,
    since: std::cell::Cell<Instant>,
}

/// A logged-in person.
struct Person<'a> {
    journey: &'a Journey,
    token: String,
}

impl Journey {
    fn done(&self, what: &str) {
        self.n.set(self.n.get() + 1);
        println!(
            "✔ {:>2}. {what}（{} 毫秒）",
            self.n.get(),
            self.since.get().elapsed().as_millis()
        );
        self.since.set(Instant::now());
    }

    async fn wait_until_ready(&self) -> Result<()> {
        for _ in 0..200 {
            if let Ok(answer) = self
                .client
                .get(format!("{}/readyz", self.base))
                .send()
                .await
                && answer.status().is_success()
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(Error::unavailable(
            "the server did not become ready in ten seconds",
        ))
    }

    async fn get(&self, path: &str) -> Step<String> {
        let answer = self
            .client
            .get(format!("{}{path}", self.base))
            .send()
            .await?;
        let status = answer.status();
        let body = answer.text().await?;
        promised(status == StatusCode::OK, || format!("{path} 回答 {status}"))?;
        Ok(body)
    }

    async fn json(&self, path: &str) -> Step<Value> {
        let body = self.get(path).await?;
        serde_json::from_str(&body).map_err(|_| Differs::From(format!("{path} 不是 JSON")))
    }

    async fn log_in(&self, login: &str, password: &str) -> Step<Person<'_>> {
        let answer = self
            .client
            .post(format!("{}/api/v1/sessions", self.base))
            .json(&json!({"login": login, "password": password}))
            .send()
            .await?;
        promised(answer.status() == StatusCode::CREATED, || {
            format!("{login} 登录回答 {}", answer.status())
        })?;
        let body: Value = answer.json().await?;
        Ok(Person {
            journey: self,
            token: text(&body, "/token")?.to_owned(),
        })
    }

    async fn go(&self, calendar: &tongban_limits::Calendar, today: jiff::civil::Date) -> Step {
        let password = demo::password().map_err(|error| Differs::From(error.to_string()))?;
        let sample = demo::sample(today).map_err(|error| Differs::From(error.to_string()))?;
        let policy = self.find(&sample).await?;
        let citizen = self.log_in("chenxiaoyun", &password).await?;
        let number = self.apply(&citizen, &sample).await?;
        self.supplement(&citizen, &password, &number).await?;
        self.approve(&citizen, &password, &number, calendar, today)
            .await?;
        self.receive(&citizen, &number).await?;
        self.prove(&citizen, &number, &policy).await
    }

    /// 查找、看懂.
    async fn find(&self, sample: &Value) -> Step<String> {
        let home = self.get("/").await?;
        promised(home.contains("演示"), || "首页没有标明演示".to_owned())?;
        self.done("打开首页");
        for query in ["spjyxk", "食品经营许可", "开饭店"] {
            let found = self.json(&format!("/api/v1/search?q={query}")).await?;
            let hits = found
                .get("items")
                .or_else(|| found.get("hits"))
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            let there = hits
                .iter()
                .take(3)
                .any(|hit| hit.to_string().contains("食品经营许可"));
            promised(there, || {
                format!("搜“{query}”前三条没有食品经营许可：{found}")
            })?;
        }
        self.done("按名称、首字母、口语搜到食品经营许可");
        let guide = self
            .get(&format!("/items/{}", text(sample, "/item")?))
            .await?;
        for part in ["受理条件", "申请材料", "食品安全法", "常见问题"] {
            promised(guide.contains(part), || format!("指南里没有“{part}”"))?;
        }
        self.done("指南列出条件、材料、依据、问答");
        let policy = self.get("/tlog/policy").await?;
        self.done("取得透明日志的信任策略");
        Ok(policy)
    }

    /// 申请: draft, answers, files, submit once.
    async fn apply(&self, citizen: &Person<'_>, sample: &Value) -> Step<String> {
        let request =
            json!({"item_code": text(sample, "/item")?, "situation": sample["situation"]});
        let draft = citizen
            .send(
                Method::POST,
                "/api/v1/drafts",
                &request,
                StatusCode::CREATED,
            )
            .await?;
        let draft = text(&draft, "/draft")?.to_owned();
        let path = format!("/api/v1/drafts/{draft}/answers");
        let saved = citizen
            .request(Method::PUT, &path)
            .header("if-match", "\"r1\"")
            .json(&sample["values"])
            .send()
            .await?;
        promised(saved.status() == StatusCode::OK, || {
            format!("保存草稿回答 {}", saved.status())
        })?;
        self.done("填写并保存草稿");
        let submission = format!("/api/v1/drafts/{draft}/submission");
        let early = citizen
            .request(Method::POST, &submission)
            .header("idempotency-key", "walkthrough-too-early")
            .send()
            .await?;
        promised(early.status() == StatusCode::UNPROCESSABLE_ENTITY, || {
            format!("缺材料时提交回答 {}，应为 422", early.status())
        })?;
        self.done("缺材料时不能提交，并说明缺什么");
        for material in sample["materials"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let part = reqwest::multipart::Part::bytes(PICTURE.to_vec())
                .file_name(format!("{material}.png"))
                .mime_str("image/png")?;
            let form = reqwest::multipart::Form::new().part(material.to_owned(), part);
            let answer = citizen
                .request(Method::POST, &format!("/api/v1/drafts/{draft}/files"))
                .header("idempotency-key", format!("walkthrough-{material}"))
                .multipart(form)
                .send()
                .await?;
            promised(answer.status() == StatusCode::CREATED, || {
                format!("上传 {material} 回答 {}", answer.status())
            })?;
        }
        self.done("上传材料");
        let submit = |key: &'static str| {
            citizen
                .request(Method::POST, &submission)
                .header("idempotency-key", key)
                .send()
        };
        let (first, again) = (
            submit("walkthrough-first").await?,
            submit("walkthrough-first").await?,
        );
        promised(first.status() == StatusCode::CREATED, || {
            format!("提交回答 {}", first.status())
        })?;
        let (first, again): (Value, Value) = (first.json().await?, again.json().await?);
        promised(first == again, || {
            format!("重复提交得到不同的回答：{first} {again}")
        })?;
        let other = submit("walkthrough-second").await?;
        promised(other.status() == StatusCode::CONFLICT, || {
            format!("再次提交回答 {}，应为 409", other.status())
        })?;
        let number = text(&first, "/project_no")?.to_owned();
        self.done(&format!("提交一次，办件编号 {number}；重复提交只有一件"));
        let receipt = citizen
            .bytes(&format!("/cases/{number}/receipt.pdf"))
            .await?;
        promised(receipt.starts_with(b"%PDF"), || "回执不是 PDF".to_owned())?;
        self.done("下载回执 PDF");
        Ok(number)
    }

    /// 预审, 一次性告知, 补正.
    async fn supplement(&self, citizen: &Person<'_>, password: &str, number: &str) -> Step {
        let clerk = self.log_in("zhouchuang", password).await?;
        let task = clerk.task(number, "pre-review").await?;
        let items = json!({"items": [{"target": "layout", "name": "经营布局", "requirement": "请标注洗消区"}], "days": 5});
        clerk.act(&task, "supplement-request", &items).await?;
        self.done("综窗一次性告知补正");
        let path = format!("/api/v1/cases/{number}/supplements");
        let answer = citizen
            .request(Method::POST, &path)
            .header("idempotency-key", "walkthrough-supplement")
            .json(&json!({"note": "已标注"}))
            .send()
            .await?;
        promised(answer.status().is_success(), || {
            format!("补正回答 {}", answer.status())
        })?;
        self.done("申请人补正");
        let task = clerk.task(number, "pre-review").await?;
        clerk
            .act(&task, "pre-review", &json!({"opinion": "材料齐全"}))
            .await?;
        self.done("预审通过");
        Ok(())
    }

    /// 受理, 三个部门并联审查, 决定.
    async fn approve(
        &self,
        citizen: &Person<'_>,
        password: &str,
        number: &str,
        calendar: &tongban_limits::Calendar,
        today: jiff::civil::Date,
    ) -> Step {
        let acceptor = self.log_in("dhscjg-acceptor", password).await?;
        let task = acceptor.task(number, "accept").await?;
        acceptor.act(&task, "acceptance", &json!({})).await?;
        let seen = citizen.case(number).await?;
        let due = calendar
            .nth_working_day(today, 5)
            .map_err(|error| Differs::From(error.to_string()))?;
        promised(seen.to_string().contains(&due.to_string()), || {
            format!("承诺期限应为 {due}：{seen}")
        })?;
        self.done(&format!("受理，5 个工作日后的期限是 {due}"));
        for reviewer in ["dhscjg-reviewer", "xfjy-reviewer", "sthj-reviewer"] {
            let reviewer = self.log_in(reviewer, password).await?;
            let task = reviewer.task(number, "review").await?;
            reviewer
                .act(
                    &task,
                    "review",
                    &json!({"passed": true, "opinion": "符合要求"}),
                )
                .await?;
        }
        self.done("三个部门并联审查");
        let decider = self.log_in("dhscjg-decider", password).await?;
        let task = decider.task(number, "decide").await?;
        decider
            .act(
                &task,
                "decision",
                &json!({"granted": true, "reason": "符合法定条件"}),
            )
            .await?;
        let path = format!("/api/v1/tasks/{task}/decision");
        let late = decider
            .request(Method::POST, &path)
            .header("idempotency-key", "walkthrough-late")
            .json(&json!({"granted": false, "reason": "再来一次"}))
            .send()
            .await?;
        promised(late.status() == StatusCode::CONFLICT, || {
            format!("第二次决定回答 {}，应为 409", late.status())
        })?;
        self.done("作出准予决定；第二次决定被拒绝");
        Ok(())
    }

    /// 领证, 公开核验, 评价.
    async fn receive(&self, citizen: &Person<'_>, number: &str) -> Step {
        let mut identifier = String::new();
        for _ in 0..100 {
            let seen = citizen.case(number).await?.to_string();
            if let Some(at) = seen.find("1.2.156.3005.2.") {
                identifier = seen[at..]
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '.')
                    .collect();
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        promised(!identifier.is_empty(), || "十秒内没有制证".to_owned())?;
        self.done(&format!("制证 {identifier}"));
        let valid = self
            .json(&format!("/api/v1/licences/{identifier}/verification"))
            .await?;
        promised(text(&valid, "/verdict")? == "valid", || {
            format!("核验回答 {valid}")
        })?;
        let page = self.get(&format!("/verify?id={identifier}")).await?;
        promised(page.contains("有效"), || "核验页没有说有效".to_owned())?;
        let unknown = self.json("/api/v1/licences/1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U/verification").await?;
        promised(text(&unknown, "/verdict")? == "unknown", || {
            format!("查无此证却回答 {unknown}")
        })?;
        self.done("不登录核验：有效；别的标识：查无");
        let rate = |key: &'static str| {
            citizen
                .request(Method::POST, &format!("/api/v1/cases/{number}/rating"))
                .header("idempotency-key", key)
                .json(&json!({"satisfaction": 5, "tags": ["efficiency"], "text": "很快", "channel": "1"}))
                .send()
        };
        let first = rate("walkthrough-rate").await?;
        promised(first.status() == StatusCode::CREATED, || {
            format!("评价回答 {}", first.status())
        })?;
        let second = rate("walkthrough-rate-again").await?;
        promised(second.status() == StatusCode::CONFLICT, || {
            format!("再次评价回答 {}，应为 409", second.status())
        })?;
        self.done("评价一次，不能再评");
        Ok(())
    }

    /// 存证: offline, and with a changed word.
    async fn prove(&self, citizen: &Person<'_>, number: &str, policy: &str) -> Step {
        let policy = Policy::parse(policy).map_err(|error| Differs::From(error.to_string()))?;
        let mut json = String::new();
        for _ in 0..50 {
            let answer = citizen
                .request(Method::GET, &format!("/cases/{number}/proof.json"))
                .send()
                .await?;
            if answer.status() == StatusCode::OK {
                json = answer.text().await?;
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let bundle = Bundle::from_json(json.as_bytes())
            .map_err(|error| Differs::From(format!("存证：{error}")))?;
        let report = verify_bundle(&bundle, &policy);
        promised(report.is_ok(), || {
            format!("存证核验没有通过：{:?}", report.steps)
        })?;
        promised(bundle.events.len() >= 10, || {
            format!("存证只有 {} 个事件", bundle.events.len())
        })?;
        self.done(&format!(
            "离线核验存证：{} 个事件与日志一致",
            bundle.events.len()
        ));
        let changed = json.replacen("符合法定条件", "不符合条件了", 1);
        promised(changed != json, || "存证里没有决定理由".to_owned())?;
        let changed = Bundle::from_json(changed.as_bytes())
            .map_err(|error| Differs::From(error.to_string()))?;
        promised(!verify_bundle(&changed, &policy).is_ok(), || {
            "改写了决定理由却核验通过".to_owned()
        })?;
        self.done("改一个词，核验即失败");
        Ok(())
    }
}
