//! The plain things of JSON: objects with known keys, texts, counts, lists, words, identifiers.

use serde_json::Value as Json;

use super::{FormError, Kind, MAX_ERRORS, MAX_LIST, Object, Reader};
use crate::words::Words;

impl<'a> Reader<'a> {
    pub(in crate::document) fn error(&mut self, path: impl Into<String>, kind: Kind) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(FormError {
                path: path.into(),
                kind,
            });
        }
    }

    pub(in crate::document) fn object(
        &mut self,
        json: &'a Json,
        path: &str,
        keys: &[&str],
    ) -> Option<Object<'a>> {
        let Some(map) = json.as_object() else {
            self.error(path, Kind::Shape("对象 { }"));
            return None;
        };
        for key in map.keys().filter(|k| !keys.contains(&k.as_str())).take(5) {
            self.error(path, Kind::UnknownKey(key.chars().take(60).collect()));
        }
        Some(map)
    }

    pub(in crate::document) fn text(
        &mut self,
        map: Object<'a>,
        path: &str,
        key: &'static str,
    ) -> Option<&'a str> {
        match map.get(key) {
            None => None,
            Some(Json::String(text)) => Some(text),
            Some(_) => {
                self.error(format!("{path}/{key}"), Kind::Shape("文字"));
                None
            }
        }
    }

    pub(super) fn flag(&mut self, map: Object<'a>, path: &str, key: &'static str) -> Option<bool> {
        match map.get(key) {
            None => None,
            Some(Json::Bool(value)) => Some(*value),
            Some(_) => {
                self.error(format!("{path}/{key}"), Kind::Shape("true 或 false"));
                None
            }
        }
    }

    pub(in crate::document) fn count(
        &mut self,
        map: Object<'a>,
        path: &str,
        key: &'static str,
    ) -> Option<u32> {
        let value = map.get(key)?;
        let number = value.as_u64().and_then(|n| u32::try_from(n).ok());
        if number.is_none() {
            self.error(format!("{path}/{key}"), Kind::Shape("非负整数"));
        }
        number
    }

    pub(super) fn list(
        &mut self,
        map: Object<'a>,
        path: &str,
        key: &'static str,
        most: usize,
    ) -> &'a [Json] {
        match map.get(key) {
            None => &[],
            Some(Json::Array(list)) if list.len() <= most => list,
            Some(Json::Array(_)) => {
                self.error(format!("{path}/{key}"), Kind::TooMany("条目", most));
                &[]
            }
            Some(_) => {
                self.error(format!("{path}/{key}"), Kind::Shape("列表 [ ]"));
                &[]
            }
        }
    }

    pub(super) fn texts(&mut self, map: Object<'a>, path: &str, key: &'static str) -> Vec<String> {
        let list = self.list(map, path, key, MAX_LIST);
        let texts: Vec<String> = list
            .iter()
            .filter_map(|t| t.as_str().map(str::to_owned))
            .collect();
        if texts.len() != list.len() {
            self.error(format!("{path}/{key}"), Kind::Shape("文字的列表"));
        }
        texts
    }

    pub(super) fn read_words(&mut self, json: &'a Json, path: &str) -> Option<Words> {
        if let Json::String(text) = json {
            return Some(Words::zh(text.as_str()));
        }
        let map = self.object(json, path, &["zh-CN", "en"])?;
        let zh = self.text(map, path, "zh-CN").unwrap_or_default().to_owned();
        let en = self.text(map, path, "en").map(|t| t.to_owned().into());
        Some(Words { zh: zh.into(), en })
    }

    pub(super) fn words(
        &mut self,
        map: Object<'a>,
        path: &str,
        key: &'static str,
    ) -> Option<Words> {
        let json = map.get(key)?;
        self.read_words(json, &format!("{path}/{key}"))
    }

    pub(super) fn ident(&mut self, map: Object<'a>, path: &str) -> String {
        let Some(id) = self.text(map, path, "id") else {
            self.error(path, Kind::Missing("id"));
            return String::new();
        };
        let mut chars = id.chars();
        let good = chars.next().is_some_and(|c| c.is_ascii_lowercase())
            && id.len() <= 40
            && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c));
        if !good {
            self.error(
                format!("{path}/id"),
                Kind::BadId(id.chars().take(60).collect()),
            );
        }
        id.to_owned()
    }
}
