//! Writes the assertions of the drift test: what bindgen reads in `mtprs.h` against the Rust side in
//! `mtprs_capi`. Three files go to `OUT_DIR`: the types of the header as bindgen sees them, its functions
//! declared with the Rust types, and one assertion for every function, struct and field.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace");
    let header = workspace.join("rust-core/capi/include/mtprs.h");
    println!("cargo:rerun-if-changed={}", header.display());
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LIBCLANG_PATH");
    // Tests compile C programs for it.
    println!("cargo:rustc-env=TARGET={}", env::var("TARGET").expect("cargo sets TARGET"));
    find_libclang(workspace);

    let types = bindings(&header).allowlist_type("mtprs_.*").allowlist_var("MTPRS_.*");
    // Opaque, and pointed to by a field: that must point to the Rust type.
    let types = types.blocklist_type("mtprs_selection(_t)?").raw_line("use mtprs_capi::mtprs_selection_t;");
    let functions = bindings(&header).allowlist_function("mtprs_.*").blocklist_type("mtprs_.*");
    let functions = functions.raw_line("use mtprs_capi::*;");
    let types = generate(types);
    let functions = generate(functions);

    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("OUT_DIR is writable");
    write("assertions.rs", &assertions(&types, &functions));
    write("header_types.rs", &types);
    write("header_functions.rs", &functions);
}

/// bindgen loads libclang when it runs. Where the environment names none, the Python package `libclang` in `.venv`
/// brings it; that one lacks the compiler's own headers, which come from cc.
fn find_libclang(workspace: &Path) {
    if env::var_os("LIBCLANG_PATH").is_some() {
        return;
    }
    let libraries = workspace.join(".venv/lib");
    let packaged = fs::read_dir(&libraries).into_iter().flatten().flatten();
    let packaged = packaged.map(|entry| entry.path().join("site-packages/clang/native"));
    let Some(folder) = packaged.into_iter().find(|folder| folder.is_dir()) else {
        panic!("no libclang in {}: run `make venv`, or set LIBCLANG_PATH", libraries.display());
    };
    let output = Command::new("cc").arg("-print-file-name=include").output().expect("a C compiler named cc");
    let include = String::from_utf8(output.stdout).expect("a path in UTF-8");
    // SAFETY: a build script is a process of its own, and no other thread runs yet.
    unsafe {
        env::set_var("LIBCLANG_PATH", folder);
        if env::var_os("BINDGEN_EXTRA_CLANG_ARGS").is_none() {
            env::set_var("BINDGEN_EXTRA_CLANG_ARGS", format!("-isystem \"{}\"", include.trim()));
        }
    }
}

fn bindings(header: &Path) -> bindgen::Builder {
    let header = header.to_str().expect("a path in UTF-8");
    bindgen::builder()
        .header(header)
        .rust_edition(bindgen::RustEdition::Edition2024)
        .layout_tests(false)
        .formatter(bindgen::Formatter::None)
}

fn generate(builder: bindgen::Builder) -> String {
    builder.generate().unwrap_or_else(|error| panic!("bindgen cannot read mtprs.h: {error}")).to_string()
}

/// One macro call for every function and for every struct that is not opaque.
fn assertions(types: &str, functions: &str) -> String {
    let mut text = String::new();
    for declaration in functions.split("pub fn ").skip(1) {
        let (name, rest) = declaration.split_once('(').expect("a function has parameters");
        let (parameters, _) = rest.split_once(')').expect("the parameters end");
        let any = vec!["_"; parameters.matches(" : ").count()].join(", ");
        writeln!(text, "same_signature!({}({any}));", name.trim()).expect("strings can be written to");
    }
    for declaration in types.split("pub struct ").skip(1) {
        let (name, rest) = declaration.split_once('{').expect("a struct has a body");
        let (body, _) = rest.split_once('}').expect("the body ends");
        let fields: Vec<&str> = body.split("pub ").skip(1).map(first_word).collect();
        let name = name.trim();
        if !fields.is_empty() {
            writeln!(text, "same_layout!({name} = {name}_t {{ {} }});", fields.join(", "))
                .expect("strings can be written to");
        }
    }
    text
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().expect("a declaration names something")
}
