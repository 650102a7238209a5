use crate::scenario::check;

#[test]
fn tasks_follow_one_another() {
    check(
        "start -> a -> m:manual -> b -> end",
        "
        complete a   | error: 流程尚未启动
        start        | open a
        start        | error: 流程已经启动
        complete b   | error: 没有待办任务 999（可能已被他人办理）
        complete a   | close a, open b
        complete a   | error: 没有待办任务 999（可能已被他人办理）
        complete b   | close b, ended end
        complete b   | error: 流程已经结束
        ",
    );
}

#[test]
fn an_exclusive_gateway_takes_the_first_condition_that_holds() {
    let model = r#"
        start -> a -> x:xor
        x -[n > 10]-> big -> end
        x -[n > 1]-> middle -> end
        x -*-> small -> end
    "#;
    check(
        model,
        "start | open a\n complete a n=11 | close a, open big",
    );
    check(
        model,
        "start | open a\n complete a n=2 | close a, open middle",
    );
    check(
        model,
        "start | open a\n complete a n=0 | close a, open small",
    );
    check(
        model,
        "start | open a
         complete a | error: “f3”：条件“n > 10”的结果不是真或假，而是 null（是否缺少变量？）
         complete a n=1 | close a, open small",
    );
}

#[test]
fn without_default_a_missing_branch_is_refused_and_can_be_mended() {
    check(
        r#"
        start -> a -> x:xor
        x -[outcome = "ok"]-> end_ok
        x -[outcome = "no"]-> end_no
        "#,
        "
        start                  | open a
        complete a outcome=oh  | error: “x”没有一个分支的条件成立，也没有缺省分支
        complete a outcome=no  | close a, ended end_no
        ",
    );
}

#[test]
fn a_parallel_join_waits_for_every_flow_in_any_order() {
    let model = "
        start -> s:and -> a -> j:and -> z -> end
        s -> b -> j
        s -> c -> j
    ";
    check(
        model,
        "
        start      | open a, open b, open c
        complete c | close c
        complete a | close a
        complete b | close b, open z
        complete z | close z, ended end
        ",
    );
}

#[test]
fn a_parallel_join_counts_per_flow_not_in_total() {
    // Two tokens on the same incoming flow must not stand for one on each.
    check(
        "
        start -> s:and -> a -> m:xor -> j:and -> z -> end
        s -> b -> m
        s -> c -> j
        ",
        "
        start      | open a, open b, open c
        complete a | close a
        complete b | close b
        complete c | close c, open z
        complete z | close z
        ",
    );
}

#[test]
fn a_task_with_two_flows_splits() {
    check(
        "
        start -> a -> b -> end_1
        a -> c -> end_2
        ",
        "
        start      | open a
        complete a | close a, open b, open c
        complete c | close c
        complete b | close b, ended end_1
        ",
    );
}

#[test]
fn an_inclusive_join_waits_for_what_can_still_come_and_for_nothing_else() {
    let model = "
        start -> q -> s:or
        s -[x]-> a -> j:or
        s -[y]-> b -> j
        s -[z]-> c -> j
        j -> d -> end
    ";
    check(
        model,
        "
        start                            | open q
        complete q x=true y=false z=true | close q, open a, open c
        complete c                       | close c
        complete a                       | close a, open d
        ",
    );
    check(
        model,
        "start | open q\n complete q x=false y=true z=false | close q, open b\n complete b | close b, open d",
    );
    check(
        model,
        "start | open q\n complete q x=false y=false z=false | error: “s”没有一个分支的条件成立，也没有缺省分支",
    );
}

#[test]
fn an_inclusive_join_is_released_when_the_other_token_dies() {
    check(
        "
        start -> q -> s:or
        s -[x]-> a -> j:or
        s -[x]-> b -> g:xor
        g -[back]-> j
        g -*-> end_b
        j -> d -> end
        ",
        "
        start                 | open q
        complete q x=true     | close q, open a, open b
        complete a            | close a
        complete b back=false | close b, open d
        ",
    );
}

#[test]
fn nested_inclusive_joins_in_a_loop_do_not_wait_for_one_another() {
    check(
        "
        start -> a:xor -> u -> s:or
        s -[true]-> i:or
        i -[true]-> b -> j:or
        i -[x]-> c -> j
        j -> k:or
        s -[x]-> d -> k
        k -> z:xor
        z -[again]-> a
        z -*-> end
        ",
        "
        start                 | open u
        complete u x=true     | close u, open d, open b, open c
        complete d            | close d
        complete b            | close b
        complete c again=true | close c, open u
        complete u x=false    | close u, open b
        complete b again=false | close b, ended end
        ",
    );
}

#[test]
fn an_interrupting_timer_takes_the_task_away() {
    check(
        "
        start -> a -> end
        a ~P15D~> late -> end_late
        ",
        "
        start         | open a, arm PT360H
        fire a_timer  | cancel a, open late
        complete a    | error: 没有待办任务 999（可能已被他人办理）
        fire a_timer  | error: 计时器 999 已撤销
        complete late | close late, ended end_late
        ",
    );
}

#[test]
fn a_finished_task_takes_its_timers_away() {
    check(
        "
        start -> a -> b -> end
        a ~P15D~> late -> end_late
        a ~~P3D~~> reminder:service -> end_reminded
        ",
        "
        start         | open a, arm PT360H, arm PT72H
        fire a_timer_7 | call reminder
        complete a    | close a, disarm, open b
        done reminder | -
        complete b    | close b, ended end
        ",
    );
}

#[test]
fn an_intermediate_timer_holds_the_token() {
    check(
        "start -> t:PT5M -> a -> end",
        "
        start    | arm PT5M
        suspend  | -
        fire t   | error: 流程已挂起，恢复后才能办理
        resume   | -
        resume   | error: 流程没有挂起
        fire t   | open a
        ",
    );
}

#[test]
fn terminate_ends_everything() {
    check(
        "
        start -> s:and -> a -> x:terminate
        s -> b -> end
        b ~P1D~> c -> end
        ",
        "
        start      | open a, open b, arm PT24H
        complete a | close a, cancel b, disarm, ended x
        ",
    );
    check(
        "start -> s:and -> a -> end\n s -> w:service -> end",
        "start | open a, call w\n terminate | cancel a, uncall w, ended by order\n done w | error: 流程已经结束",
    );
}

#[test]
fn a_service_can_fail_and_be_asked_again() {
    check(
        "start -> w:service -> end",
        "
        start  | call w
        retry  | error: 令牌 999 没有异常
        fail w | incident w
        retry  | call w
        done w | ended end
        ",
    );
}

#[test]
fn a_script_assigns() {
    check(
        "start -> n:count=1 -> x:xor -> more:count=count+1 -> y:xor\n y -[count < 3]-> x\n y -*-> a -> end",
        "start | open a",
    );
}

#[test]
fn a_model_that_loops_without_waiting_stops_with_an_incident() {
    check(
        "start -> x:xor -> m:manual -> y:xor\n y -[true]-> x\n y -*-> end",
        "
        start     | incident f2
        retry     | incident f3
        terminate | ended by order
        ",
    );
}

#[test]
fn returning_cancels_everything_after_the_target() {
    let model = "
        start -> a -> b -> s:and -> c -> d -> j:and -> e -> end
        s -> f -> j
        s -> g -> j
        f ~P1D~> late -> end
    ";
    check(
        model,
        "
        start      | open a
        complete a | close a, open b
        return b a | cancel b, open a
        complete a | close a, open b
        complete b | close b, open c, open f, arm PT24H, open g
        complete c | close c, open d
        complete g | close g
        return d c | cancel d, open c
        return c c | error: 不能从“c”退回到“c”：任务已在该环节
        return c d | error: 不能从“c”退回到“d”：该环节不是必经的前序环节（并联环节之后不能只退回其中一个分支）
        return c s | error: 不能从“c”退回到“s”：只能退回到人工办理环节
        return c f | error: 不能从“c”退回到“f”：该环节不是必经的前序环节（并联环节之后不能只退回其中一个分支）
        return c b | cancel f, disarm, cancel c, open b
        complete b | close b, open c, open f, arm PT24H, open g
        complete g | close g
        complete f | close f, disarm
        complete c | close c, open d
        complete d | close d, open e
        return e c | error: 不能从“e”退回到“c”：该环节不是必经的前序环节（并联环节之后不能只退回其中一个分支）
        return e a | cancel e, open a
        ",
    );
}

#[test]
fn a_side_branch_cannot_send_back_what_has_moved_on() {
    check(
        "
        start -> x:xor
        x -*-> a -> y:xor
        x -[p]-> b -> y
        y -> c -> end
        a ~~P1D~~> r -> end_r
        ",
        "
        start p=false | open a, arm PT24H
        fire a_timer  | open r
        complete a    | close a, open c
        return r a    | error: 不能从“r”退回到“a”：该环节不是必经的前序环节（并联环节之后不能只退回其中一个分支）
        complete r    | close r
        complete c    | close c, ended end
        ",
    );
}

#[test]
fn suspension_holds_work_but_not_the_order_to_end() {
    check(
        "start -> a -> end",
        "
        start      | open a
        suspend    | -
        suspend    | error: 流程已挂起，恢复后才能办理
        complete a | error: 流程已挂起，恢复后才能办理
        set x=1    | error: 流程已挂起，恢复后才能办理
        terminate  | cancel a, ended by order
        ",
    );
}
