//! Organs, officers, posts.

use tongban_kernel::{OfficerId, OrganId, Post, Result};
use tongban_storage::{Row, Tx, params};

use crate::model::{OfficerProfile, OrganProfile};

pub(crate) fn put_organ(tx: &mut Tx<'_>, organ: &OrganProfile) -> Result<()> {
    tx.put(
        "INSERT INTO organ (id, code, name, short_name, division, phone) VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            organ.id,
            &organ.code,
            &organ.name,
            &organ.short_name,
            &organ.division,
            organ.phone.as_deref()
        ],
    )
}

fn read_organ(row: &Row<'_>) -> Result<OrganProfile> {
    Ok(OrganProfile {
        id: row.id(0)?,
        code: row.get(1)?,
        name: row.get(2)?,
        short_name: row.get(3)?,
        division: row.get(4)?,
        phone: row.get(5)?,
    })
}

pub(crate) fn organ(tx: &mut Tx<'_>, id: OrganId) -> Result<Option<OrganProfile>> {
    tx.opt(
        "SELECT id, code, name, short_name, division, phone FROM organ WHERE id = $1",
        params![id],
        read_organ,
    )
}

pub(crate) fn organ_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<OrganProfile>> {
    tx.opt(
        "SELECT id, code, name, short_name, division, phone FROM organ WHERE code = $1",
        params![code],
        read_organ,
    )
}

pub(crate) fn organs(tx: &mut Tx<'_>) -> Result<Vec<OrganProfile>> {
    tx.all(
        "SELECT id, code, name, short_name, division, phone FROM organ ORDER BY code LIMIT 2000",
        params![],
        read_organ,
    )
}

pub(crate) fn put_officer(
    tx: &mut Tx<'_>,
    id: OfficerId,
    organ: OrganId,
    staff_no: &str,
    name: &str,
    posts: &[Post],
) -> Result<()> {
    tx.put(
        "INSERT INTO officer (id, organ_id, staff_no, name, state) VALUES ($1, $2, $3, $4, 'active')",
        params![id, organ, staff_no, name],
    )?;
    for post in posts {
        tx.put(
            "INSERT INTO officer_post (officer_id, post) VALUES ($1, $2)",
            params![id, post.key()],
        )?;
    }
    Ok(())
}

/// An active officer with posts; a dismissed one is absent.
pub(crate) fn officer(tx: &mut Tx<'_>, id: OfficerId) -> Result<Option<OfficerProfile>> {
    let found = tx.opt(
        "SELECT o.id, o.organ_id, g.name, o.staff_no, o.name
           FROM officer o JOIN organ g ON g.id = o.organ_id
          WHERE o.id = $1 AND o.state = 'active'",
        params![id],
        |row| {
            Ok(OfficerProfile {
                id: row.id(0)?,
                organ: row.id(1)?,
                organ_name: row.get(2)?,
                staff_no: row.get(3)?,
                name: row.get(4)?,
                posts: Vec::new(),
            })
        },
    )?;
    let Some(mut profile) = found else {
        return Ok(None);
    };
    let keys: Vec<String> = tx.all(
        "SELECT post FROM officer_post WHERE officer_id = $1 ORDER BY post",
        params![id],
        |row| row.get(0),
    )?;
    profile.posts = keys.iter().filter_map(|key| Post::from_key(key)).collect();
    Ok(Some(profile))
}

/// The active officers of `organ` who hold `post`.
pub(crate) fn holding(tx: &mut Tx<'_>, organ: OrganId, post: Post) -> Result<Vec<OfficerId>> {
    tx.all(
        "SELECT o.id FROM officer o JOIN officer_post p ON p.officer_id = o.id
          WHERE o.organ_id = $1 AND p.post = $2 AND o.state = 'active' ORDER BY o.staff_no LIMIT 500",
        params![organ, post.key()],
        |row| row.id(0),
    )
}
