//! `--resume`: what must be the same as before, and what need not.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use mtprs::training::checkpoint::checksum;
use serde_json::Value;

use crate::fixture::Bench;
use crate::train::bench;

const CHECKPOINT: &str = "fitted.mtp.checkpoint";

/// Kills a training once it has a checkpoint.
fn kill(bench: &Bench, options: &str) {
    // On a busy machine it may have ended before it is looked at.
    for _ in 0..100 {
        // It is there only after a run that has ended.
        let _ = fs::remove_file(bench.path("fitted.mtp"));
        let mut command = bench.command(&format!("{options} --checkpoint-interval 0 -q"));
        let mut run = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        while !bench.path(CHECKPOINT).exists() && run.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(2));
        }
        run.kill().unwrap();
        run.wait().unwrap();
        if bench.path(CHECKPOINT).exists() {
            return;
        }
    }
    panic!("{options} leaves no checkpoint");
}

/// Two training files, one for validation, and weights as a feature.
fn weighted(name: &str) -> Bench {
    let bench = bench(name);
    let mut all = bench.read_configurations("train.cfg");
    all.iter_mut().enumerate().for_each(|(index, one)| one.set_feature("w", (1 + index % 2).to_string()));
    bench.write_configurations("second.cfg", &all.split_off(30));
    bench.write_configurations("first.cfg", &all);
    bench
}

#[test]
fn what_has_changed_since_is_named_with_both_values() {
    let bench = weighted("resume_changed");
    let fit = "--starts 1000000 -o fitted.mtp";
    let options = format!("{fit} --valid-cfgs valid.cfg --valid-fraction 0.2 --weight-feature w");
    kill(&bench, &format!("train new.mtp first.cfg second.cfg {options}"));
    let whole = bench.text("first.cfg");
    let other_weight = whole.replacen("Feature   w\t1", "Feature   w\t4", 1);
    assert_ne!(other_weight, whole);
    let new = bench.text("new.mtp");
    fs::write(bench.path("zbl.mtp"), new.replace("radial_basis_type", "zbl = {0.9, 1.6}\nradial_basis_type"))
        .unwrap();
    for (command, expected) in [
        (format!("new.mtp first.cfg second.cfg {options} --seed 2"), "another seed: 1, not 2"),
        (
            format!("new.mtp first.cfg second.cfg {options} --group none"),
            "another group: \"auto\", not \"none\"",
        ),
        (
            format!(
                "new.mtp first.cfg second.cfg {fit} --valid-cfgs valid.cfg --valid-fraction 0.3 --weight-feature w"
            ),
            "another valid-fraction: 0.2, not 0.3",
        ),
        (
            format!("new.mtp first.cfg second.cfg {fit} --valid-cfgs valid.cfg --valid-fraction 0.2"),
            "another weight-feature: \"w\", not none",
        ),
        // The same configurations in the same order, but one file validates that was fitted.
        (
            format!(
                "new.mtp first.cfg {fit} --valid-cfgs second.cfg --valid-cfgs valid.cfg --valid-fraction 0.2 --weight-feature w"
            ),
            "another training set: 45 configurations with checksum",
        ),
        (
            format!("new.mtp first.cfg second.cfg {fit} --valid-fraction 0.2 --weight-feature w"),
            "another validation set: 15 configurations with checksum",
        ),
        (format!("pot.mtp first.cfg second.cfg {options}"), "another potential: "),
        (format!("zbl.mtp first.cfg second.cfg {options}"), "and zbl {0.9, 1.6} of "),
    ] {
        let refused = bench.fail(1, &format!("train {command} --resume"));
        assert!(refused.contains("fitted.mtp.checkpoint: the checkpoint belongs to "), "{refused}");
        assert!(refused.contains(expected), "{command}: {refused}");
        assert!(refused.contains("hint: remove it to start over"), "{refused}");
    }
    fs::write(bench.path("first.cfg"), other_weight).unwrap();
    let resumed = format!("train new.mtp first.cfg second.cfg {options} --resume");
    bench.refuse(1, &resumed, "another weights by a feature: ");
}

#[test]
fn a_checkpoint_outlives_options_of_other_releases_that_are_not_used() {
    let bench = weighted("resume_releases");
    let fit = "train new.mtp first.cfg --starts 3 --max-iter 40 --bfgs-conv-tol 0 --ridge 1e-6";
    bench.succeed(&format!("{fit} -o whole.mtp -q"));
    let options = &format!("{fit} -o fitted.mtp");
    for (change, expected) in [
        // An older release had no such option.
        ("lacks repulsion", None),
        ("lacks ridge", Some("another ridge: none, not 1e-6")),
        // A newer one has one more.
        ("has dropout at its default", None),
        ("has dropout", Some("another dropout: 0.25, not none")),
        ("has another entry", None),
    ] {
        kill(&bench, options);
        let bytes = fs::read(bench.path(CHECKPOINT)).unwrap();
        let mut parts = bytes.splitn(4, |&byte| byte == b'\n');
        let (format, _, header, vectors) =
            (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let mut header: Value = serde_json::from_slice(header).unwrap();
        let identity = &mut header["identity"]["options"];
        let forget = |identity: &mut Value, key: &str| {
            assert!(identity["values"].as_object_mut().unwrap().remove(key).is_some());
            identity["at_default"].as_array_mut().unwrap().retain(|known| known != key);
        };
        match change {
            "lacks repulsion" => forget(identity, "repulsion"),
            "lacks ridge" => forget(identity, "ridge"),
            "has another entry" => header["mood"] = "good".into(),
            _ => {
                identity["values"]["dropout"] = 0.25.into();
                if change == "has dropout at its default" {
                    identity["at_default"].as_array_mut().unwrap().push("dropout".into());
                }
            }
        }
        let body = [serde_json::to_vec(&header).unwrap(), b"\n".to_vec(), vectors.to_vec()].concat();
        let sizes = format!("\n{} {:016x}\n", body.len(), checksum(&body));
        fs::write(bench.path(CHECKPOINT), [format, sizes.as_bytes(), &body].concat()).unwrap();
        let command = format!("{options} --resume -q");
        match expected {
            Some(expected) => {
                bench.refuse(1, &command, expected);
                fs::remove_file(bench.path(CHECKPOINT)).unwrap();
            }
            None => {
                bench.succeed(&command);
                assert_eq!(bench.text("fitted.mtp"), bench.text("whole.mtp"), "{change}");
            }
        }
    }
}
