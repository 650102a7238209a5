//! 催办 by the applicant and by the organ that decides.

use tongban_cases::model::CaseFact;
use tongban_cases::{Urge, inbox, urge, urge_desk};
use tongban_kernel::ErrorKind;

use super::{kind, seen};
use crate::city::{City, in_the_city};

in_the_city!(an_applicant_urges_once_a_day_and_the_count_is_seen);

async fn an_applicant_urges_once_a_day_and_the_count_is_seen(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let all = || Urge {
        task: None,
        reason: "急着开业".to_owned(),
    };
    for _ in 0..2 {
        urge(&citizen, "urge-key-1", receipt.case, all())
            .await
            .expect("urged once, repeated");
    }
    let again = urge(&citizen, "urge-key-2", receipt.case, all()).await;
    assert_eq!(kind(again), ErrorKind::Conflict, "once a day");
    let stranger = city.person("liuyan").await;
    let hidden = urge(&stranger, "urge-key-3", receipt.case, all()).await;
    assert_eq!(kind(hidden), ErrorKind::NotFound);
    let clerk = city.person("zhouchuang").await;
    let not_lead = urge(&clerk, "urge-key-4", receipt.case, all()).await;
    assert_eq!(kind(not_lead), ErrorKind::NotAllowed);
    let lead = city.person("dhscjg-acceptor").await;
    let desk = urge_desk(&lead, number).await.expect("a desk");
    let one = Urge {
        task: Some(desk.open[0].0.id),
        reason: "快到时限".to_owned(),
    };
    urge(&lead, "urge-key-5", receipt.case, one)
        .await
        .expect("urged");
    let lines = inbox(&clerk, 100).await.expect("listed");
    let line = lines.iter().find(|line| line.case.project_no == number);
    assert_eq!(line.expect("there").urged, 2);
    let (_, fact) = seen(&citizen, number, receipt.case).await;
    assert!(
        matches!(&fact, CaseFact::Urged { tasks, .. } if tasks.len() == 1 && tasks[0].contains("预审")),
        "{fact:?}"
    );
    city.clock.advance(jiff::SignedDuration::from_hours(24));
    // Others have urged on this day; whoever applied has not.
    let lead = city.person("dhscjg-acceptor").await;
    urge(&lead, "urge-key-7", receipt.case, all())
        .await
        .expect("urged");
    let citizen = city.person("chenxiaoyun").await;
    urge(&citizen, "urge-key-6", receipt.case, all())
        .await
        .expect("another day");
    // Of three open tasks the lead urges one.
    city.passed(number).await;
    city.accepted(number).await;
    let desk = urge_desk(&lead, number).await.expect("a desk");
    assert_eq!(desk.open.len(), 3);
    let one = Urge {
        task: Some(desk.open[0].0.id),
        reason: "快到时限".to_owned(),
    };
    urge(&lead, "urge-key-8", receipt.case, one)
        .await
        .expect("urged");
    let (_, fact) = seen(&citizen, number, receipt.case).await;
    assert!(
        matches!(&fact, CaseFact::Urged { tasks, .. } if tasks.len() == 1),
        "{fact:?}"
    );
}
