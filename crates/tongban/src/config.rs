//! Configuration: built-in values, then a TOML file, then the environment. `docs/configuration.md` is drawn from [`KEYS`] and
//! a test compares them.

use std::path::{Path, PathBuf};

use tongban_kernel::{Error, Result};
use tongban_storage::Settings;

/// One setting, as documented.
pub struct Key {
    /// Name in the TOML file; the environment variable is `TONGBAN_` and the name in capitals.
    pub name: &'static str,
    pub default: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

/// Every setting there is. An unknown key in the file is refused.
pub const KEYS: &[Key] = &[
    Key {
        name: "data",
        default: "data",
        zh: "数据目录：内嵌存储、文件、密钥、索引",
        en: "data folder: embedded store, files, keys, index",
    },
    Key {
        name: "listen",
        default: "127.0.0.1:8080",
        zh: "监听地址",
        en: "address to listen on",
    },
    Key {
        name: "public_url",
        default: "",
        zh: "对外网址（二维码用），空则为 http://监听地址",
        en: "public address (for QR codes); empty: http:// and the listen address",
    },
    Key {
        name: "database",
        default: "",
        zh: "PostgreSQL 连接串；空则用内嵌 SQLite",
        en: "PostgreSQL address; empty: embedded SQLite",
    },
    Key {
        name: "database_connections",
        default: "16",
        zh: "PostgreSQL 连接数",
        en: "PostgreSQL connections",
    },
    Key {
        name: "readers",
        default: "4",
        zh: "SQLite 读连接数",
        en: "SQLite reading connections",
    },
    Key {
        name: "area",
        default: "339900",
        zh: "行政区划代码（6 位），写入办件编号",
        en: "division code (6 digits) in case numbers",
    },
    Key {
        name: "system",
        default: "TB01",
        zh: "系统代码（4 位），写入办件编号",
        en: "system code (4 characters) in case numbers",
    },
    Key {
        name: "window_organ",
        default: "",
        zh: "综合窗口所属机构的统一社会信用代码；空则由各部门窗口预审",
        en: "USCC of the one-window organ; empty: each organ's own counter",
    },
    Key {
        name: "log_domain",
        default: "log.tongban.invalid",
        zh: "透明日志的域名（日志来源名的前半）",
        en: "domain of the transparency log's origin",
    },
    Key {
        name: "log_witnesses",
        default: "",
        zh: "见证策略文件（C2SP tlog-policy 的 witness、group、quorum 行）；空则没有见证人",
        en: "file with the witness, group and quorum lines of a C2SP tlog-policy; empty: no witnesses",
    },
    Key {
        name: "site_name",
        default: "通办政务服务网",
        zh: "网站名称",
        en: "name of the site",
    },
    Key {
        name: "site_organ",
        default: "",
        zh: "主办单位",
        en: "organ that runs the site",
    },
    Key {
        name: "hotline",
        default: "12345",
        zh: "服务热线",
        en: "hotline",
    },
    Key {
        name: "secure",
        default: "false",
        zh: "经 TLS 提供服务：Cookie 加 Secure 与 __Host- 前缀，发送 HSTS",
        en: "served over TLS: Secure cookies, HSTS",
    },
    Key {
        name: "demo",
        default: "false",
        zh: "演示模式：页面标明演示，登录页列出演示账号",
        en: "demonstration: pages say so, the log-in page lists accounts",
    },
    Key {
        name: "metrics_token",
        default: "",
        zh: "读取 /metrics 的令牌；空则不提供",
        en: "bearer token of /metrics; empty: not served",
    },
    Key {
        name: "log",
        default: "info",
        zh: "日志级别（tracing 过滤式）",
        en: "log filter (tracing)",
    },
    Key {
        name: "log_json",
        default: "false",
        zh: "日志写成 JSON 行",
        en: "log as JSON lines",
    },
    Key {
        name: "fonts",
        default: "",
        zh: "补充字体目录（罕用字）",
        en: "folder with further fonts (rare characters)",
    },
    Key {
        name: "outside_networks",
        default: "",
        zh: "部门系统可以所在的内网网段，逗号分隔，如 10.1.0.0/16；只有在这些网段里才可以用 http",
        en: "private networks in which outside systems may lie, e.g. 10.1.0.0/16; only there http without TLS is allowed",
    },
    Key {
        name: "outside_ca",
        default: "",
        zh: "核验部门系统证书的根证书文件（PEM）；空则用本机信任的",
        en: "file with the authorities (PEM) for outside systems; empty: those that the machine trusts",
    },
];

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Config {
    pub data: PathBuf,
    pub listen: String,
    public_url: String,
    pub database: Option<String>,
    pub database_connections: usize,
    pub readers: usize,
    pub area: String,
    pub system: String,
    pub window_organ: Option<String>,
    pub log_domain: String,
    pub log_witnesses: Option<PathBuf>,
    pub site_name: String,
    pub site_organ: String,
    pub hotline: String,
    pub secure: bool,
    pub demo: bool,
    pub metrics_token: Option<String>,
    pub log: String,
    pub log_json: bool,
    pub fonts: Option<PathBuf>,
    pub outside_networks: String,
    pub outside_ca: Option<PathBuf>,
}

impl Config {
    /// Where the store is.
    pub fn store(&self) -> Settings {
        match &self.database {
            Some(url) => Settings::Postgres {
                url: url.clone(),
                connections: self.database_connections,
            },
            None => Settings::Sqlite {
                path: self.data.join("tongban.db"),
                readers: self.readers,
            },
        }
    }

    /// Reads `file` (if given, or `tongban.toml` in the working folder if there is one), then `env`, then `set` (name, value).
    pub fn load(
        file: Option<&Path>,
        env: impl Fn(&str) -> Option<String>,
        set: &[(&str, String)],
    ) -> Result<Self> {
        let table = read_table(file)?;
        let value = |key: &Key| -> Result<String> {
            if let Some((_, value)) = set.iter().find(|(name, _)| *name == key.name) {
                return Ok(value.clone());
            }
            if let Some(value) = env(&format!("TONGBAN_{}", key.name.to_uppercase())) {
                return Ok(value);
            }
            match table.get(key.name) {
                None => Ok(key.default.to_owned()),
                Some(toml::Value::String(text)) => Ok(text.clone()),
                Some(toml::Value::Integer(n)) => Ok(n.to_string()),
                Some(toml::Value::Boolean(flag)) => Ok(flag.to_string()),
                Some(_) => Err(bad(key.name, "应为文字、整数或 true/false")),
            }
        };
        let get = |name: &'static str| {
            let key = KEYS.iter().find(|key| key.name == name);
            key.map_or_else(
                || Err(Error::internal(format!("{name} is not in KEYS"))),
                value,
            )
        };
        let number = |name: &'static str| {
            get(name)?
                .parse::<usize>()
                .ok()
                .filter(|n| (1..=1000).contains(n))
                .ok_or_else(|| bad(name, "应为 1–1000 的整数"))
        };
        let flag = |name: &'static str| match get(name)?.as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" | "" => Ok(false),
            _ => Err(bad(name, "应为 true 或 false")),
        };
        let optional =
            |name: &'static str| get(name).map(|text| Some(text).filter(|text| !text.is_empty()));
        Ok(Self {
            data: get("data")?.into(),
            listen: get("listen")?,
            public_url: get("public_url")?,
            database: optional("database")?,
            database_connections: number("database_connections")?,
            readers: number("readers")?,
            area: get("area")?,
            system: get("system")?,
            window_organ: optional("window_organ")?,
            log_domain: get("log_domain")?,
            log_witnesses: optional("log_witnesses")?.map(PathBuf::from),
            site_name: get("site_name")?,
            site_organ: get("site_organ")?,
            hotline: get("hotline")?,
            secure: flag("secure")?,
            demo: flag("demo")?,
            metrics_token: optional("metrics_token")?,
            log: get("log")?,
            log_json: flag("log_json")?,
            fonts: optional("fonts")?.map(PathBuf::from),
            outside_networks: get("outside_networks")?,
            outside_ca: optional("outside_ca")?.map(PathBuf::from),
        })
    }

    /// Where this installation is reached from outside, without a slash at the end.
    pub fn public_url(&self) -> String {
        if self.public_url.is_empty() {
            format!("http://{}", self.listen)
        } else {
            self.public_url.trim_end_matches('/').to_owned()
        }
    }
}

fn bad(name: &str, what: &str) -> Error {
    Error::invalid("config", format!("配置项 {name}{what}"))
}

fn read_table(file: Option<&Path>) -> Result<toml::Table> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path).map_err(|source| {
            Error::invalid(
                "config.file",
                format!("读不到配置文件 {}：{source}", path.display()),
            )
        })?,
        None => std::fs::read_to_string("tongban.toml").unwrap_or_default(),
    };
    let table: toml::Table = text.parse().map_err(|source| {
        Error::invalid("config.file", format!("配置文件不是有效的 TOML：{source}"))
    })?;
    match table
        .keys()
        .find(|name| !KEYS.iter().any(|key| key.name == name.as_str()))
    {
        Some(unknown) => Err(Error::invalid(
            "config.unknown",
            format!("配置文件里有不认识的项 {unknown}"),
        )
        .advice("docs/configuration.md 列出了全部配置项")),
        None => Ok(table),
    }
}

/// The table of `docs/configuration.md`.
pub fn table() -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "| 配置项 key | 环境变量 variable | 默认 default | 说明 | meaning |\n|---|---|---|---|---|\n",
    );
    for key in KEYS {
        let default = if key.default.is_empty() {
            "（空）"
        } else {
            key.default
        };
        let variable = format!("TONGBAN_{}", key.name.to_uppercase());
        let _ = writeln!(
            text,
            "| `{}` | `{variable}` | `{default}` | {} | {} |",
            key.name, key.zh, key.en
        );
    }
    text
}
