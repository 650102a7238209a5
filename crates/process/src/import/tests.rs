use super::from_juel;

#[test]
fn plain_java_comparisons_become_feel() {
    for (juel, feel) in [
        ("outcome == 'accept'", "outcome = \"accept\""),
        ("a == 1 && b != \"x\"", "a = 1  and  b != \"x\""),
        ("a == '==' || b", "a = \"==\"  or  b"),
        ("a == 'say \"hi\"'", "a = \"say \\\"hi\\\"\""),
    ] {
        assert_eq!(from_juel(juel), feel);
    }
}
