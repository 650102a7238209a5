//! One use case per file.

mod covers;
mod log_in;
mod log_out;
mod look_up;
mod register;
mod session;

pub use covers::{CoverDesk, cover_desk, cover_of, covered_by, end_cover, list_covers, name_cover};
pub use log_in::{Login, hash_password, log_in};
pub use log_out::{log_out, log_out_everywhere, sweep_sessions};
pub use look_up::{
    OrganIds, enterprise, enterprises_of, officer, officers_holding, organ, organ_by_code,
    organ_id, organs, person, person_in, person_question,
};
pub use register::{
    NewEnterprise, NewOfficer, NewOrgan, NewPerson, grant_agency, register_enterprise,
    register_officer, register_organ, register_person,
};
pub use session::{act_for, authenticate};
