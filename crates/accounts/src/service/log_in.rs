//! Logging in with a password: alike for accounts that exist and those that do not.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use tongban_kernel::{Error, Result, SessionId};
use tongban_storage::Ctx;

use crate::model::{LoginPause, pause_after, session_digest};
use crate::store::sessions;

/// What was typed.
pub struct Login {
    pub login: String,
    pub password: String,
}

/// Checked against when the account does not exist, so that the answer takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$3vwOHpEtM5sgrkrZK5RLAOqvJ6oMZPkjLMQ1DMA0uQY";

/// The hash under which a password is kept: argon2id, 19 MiB, 2 passes (OWASP ASVS 5.0 §6.2). About 30 ms of CPU: call it
/// on a blocking thread.
pub fn hash_password(password: &str, salt: [u8; 16]) -> Result<String> {
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|source| Error::internal(format!("password hash: {source}")))
}

fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

fn refused() -> Error {
    Error::invalid("login.refused", "账号或密码不正确")
        .advice("请检查后重新输入；忘记密码可到大厅窗口凭身份证重置")
}

/// Opens a session and returns its token, which is never stored. Three steps, so that no transaction waits for argon2:
/// look up, compare, record.
pub async fn log_in(ctx: &Ctx, typed: Login) -> Result<String> {
    let now = ctx.now();
    let login = typed.login.trim().to_lowercase();
    if login.is_empty()
        || typed.password.is_empty()
        || login.len() > 100
        || typed.password.len() > 1000
    {
        return Err(refused());
    }
    let name = login.clone();
    let (credential, failed) = ctx
        .db
        .read(move |tx| {
            Ok((
                sessions::credential(tx, &name)?,
                sessions::failures(tx, &name)?,
            ))
        })
        .await?;
    if let Some((failures, last_at)) = failed
        && let LoginPause::Until(until) = pause_after(failures, last_at)
        && now < until
    {
        let wait_s = until.duration_since(now).as_secs() + 1;
        return Err(Error::limited(format!(
            "尝试次数过多，请在 {wait_s} 秒后再试"
        )));
    }
    let hash = credential
        .as_ref()
        .map_or(NOBODY, |(_, hash)| hash)
        .to_owned();
    let right = tokio::task::spawn_blocking(move || matches(&typed.password, &hash))
        .await
        .map_err(|_| Error::internal("password check panicked"))?;
    let holder = credential.filter(|_| right).map(|(holder, _)| holder);
    let token = ctx.ids.token();
    let (digest, id): (_, SessionId) = (session_digest(&token), ctx.ids.id(now));
    let opened = ctx
        .db
        .write(move |tx| match holder {
            Some(holder) => {
                sessions::forget_failures(tx, &login)?;
                sessions::open(tx, &digest, id, holder, now).map(|()| true)
            }
            None => sessions::count_failure(tx, &login, now).map(|()| false),
        })
        .await?;
    if opened { Ok(token) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_for_nobody_is_as_costly_as_a_real_one() {
        let real = hash_password("x", [7; 16]).expect("hashed");
        let cost = |hash: &str| hash.split('$').nth(3).map(str::to_owned);
        assert_eq!(cost(NOBODY), cost(&real));
        assert!(
            PasswordHash::new(NOBODY).is_ok(),
            "it can be parsed, so it is compared"
        );
        assert!(matches("x", &real));
        assert!(!matches("y", &real));
    }
}
