//! One logged-in person of the journey and what they can send.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

use super::{Differs, Person, Step, promised};

impl Person<'_> {
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.journey
            .client
            .request(method, format!("{}{path}", self.journey.base))
            .bearer_auth(&self.token)
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        expected: StatusCode,
    ) -> Step<Value> {
        let key = format!("walkthrough-{}", self.journey.n.get());
        let answer = self
            .request(method, path)
            .header("idempotency-key", key)
            .json(body)
            .send()
            .await?;
        let status = answer.status();
        let body = answer.text().await?;
        promised(status == expected, || {
            format!("{path} 回答 {status}：{body}")
        })?;
        Ok(serde_json::from_str(&body).unwrap_or_default())
    }

    pub(super) async fn bytes(&self, path: &str) -> Step<Vec<u8>> {
        let answer = self.request(Method::GET, path).send().await?;
        promised(answer.status() == StatusCode::OK, || {
            format!("{path} 回答 {}", answer.status())
        })?;
        Ok(answer.bytes().await?.to_vec())
    }

    pub(super) async fn case(&self, number: &str) -> Step<Value> {
        let bytes = self.bytes(&format!("/api/v1/cases/{number}")).await?;
        serde_json::from_slice(&bytes).map_err(|_| Differs::From("办件不是 JSON".to_owned()))
    }

    /// The open task of the case with this act.
    pub(super) async fn task(&self, number: &str, act: &str) -> Step<String> {
        let bytes = self.bytes("/api/v1/tasks").await?;
        let inbox: Value = serde_json::from_slice(&bytes)
            .map_err(|_| Differs::From("待办不是 JSON".to_owned()))?;
        let tasks = inbox
            .get("items")
            .and_then(Value::as_array)
            .or_else(|| inbox.as_array())
            .cloned()
            .unwrap_or_default();
        tasks
            .iter()
            .find(|task| {
                task.to_string().contains(number)
                    && task.get("act").and_then(Value::as_str) == Some(act)
            })
            .and_then(|task| task.get("task").or_else(|| task.get("id")))
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| Differs::From(format!("待办里没有 {number} 的 {act}：{inbox}")))
    }

    pub(super) async fn act(&self, task: &str, noun: &str, body: &Value) -> Step {
        let path = format!("/api/v1/tasks/{task}/{noun}");
        let key = format!("walk-{task}-{noun}");
        let answer = self
            .request(Method::POST, &path)
            .header("idempotency-key", key)
            .json(body)
            .send()
            .await?;
        let status = answer.status();
        let body = answer.text().await?;
        promised(status.is_success(), || {
            format!("{path} 回答 {status}：{body}")
        })
    }
}
