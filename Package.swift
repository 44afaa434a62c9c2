// swift-tools-version: 6.2
import PackageDescription

// Pixel code is built for x86-64-v3 (AVX2, FMA; checked at start). LUMEN_CPU="" builds for any x86-64.
let level = Context.environment["LUMEN_CPU"] ?? "x86-64-v3"
// LUMEN_STRICT=1 turns warnings into errors (make check, make test).
let strict = Context.environment["LUMEN_STRICT"] == "1"

let language: [SwiftSetting] =
  [
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (strict ? [.treatAllWarnings(as: .error)] : [])

#if arch(x86_64)
  let pixels: [SwiftSetting] =
    level.isEmpty
    ? [] : [.unsafeFlags(["-Xcc", "-march=\(level)"]), .define("LUMEN_V3"), .define("LUMEN_FMA")]
#else
  let pixels: [SwiftSetting] = [.define("LUMEN_FMA")]
#endif

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: language + pixels)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: language + pixels)
}

let package = Package(
  name: "Lumen",
  products: [
    .executable(name: "lumen", targets: ["lumen"]),
    .library(name: "Lumen", targets: ["Lumen"]),
  ],
  dependencies: [
    // Command line: parsing, help, completions.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // Recipes are YAML.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    // Case store: SQLite with migrations, WAL and typed rows.
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    // SHA-256 of recipes, tables and inputs; later encryption.
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    // C shims: headers and a few C lines, never logic.
    .target(name: "CSIMD"),
    // Reads gzip at two to three times the speed of zlib, which writes it.
    .target(name: "CISAL", linkerSettings: [.linkedLibrary("isal")]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CJPEG2000", linkerSettings: [.linkedLibrary("openjp2")]),
    .target(name: "CJPEGLS", dependencies: ["CCharLS"]),
    // JPEG-LS: the library's own source, since Debian's build keeps its assertions, at half the speed.
    .target(
      name: "CCharLS", exclude: ["LICENSE.md", "README.md"],
      cxxSettings: [.define("CHARLS_STATIC"), .define("NDEBUG", .when(configuration: .release))]),
    .target(name: "CJPEGXL", linkerSettings: [.linkedLibrary("jxl")]),
    .target(name: "CTIFF", linkerSettings: [.linkedLibrary("tiff")]),
    .target(name: "CSandbox"),
    .target(
      name: "CDCMTK",
      linkerSettings: ["dcmjpeg", "dcmimgle", "dcmdata", "oflog", "ofstd"].map { .linkedLibrary($0) }),

    module("LumenCore", ["CSIMD"]),
    module("LumenCodecs", ["LumenCore", "CDCMTK", "CJPEG", "CJPEG2000", "CJPEGLS", "CJPEGXL", "CISAL", "CZlib"]),
    module("LumenDICOM", ["LumenCore", "LumenCodecs", "CDCMTK"]),
    module("LumenFormats", ["LumenCore", "LumenCodecs", "LumenDICOM", "CPNG", "CJPEG", "CTIFF"]),
    module("LumenFilters", ["LumenCore", "CSIMD"]),
    module("LumenSegmentation", ["LumenCore", "LumenFilters"]),
    module("LumenRadiomics", ["LumenCore", "LumenFilters"]),
    module("LumenLearning", ["LumenCore"]),
    module("LumenStore", ["LumenCore", .product(name: "GRDB", package: "GRDB.swift")]),
    module(
      "LumenPipeline",
      [
        "LumenCore", "LumenDICOM", "LumenFormats", "LumenFilters", "LumenSegmentation", "LumenRadiomics",
        "LumenLearning", "LumenStore", "CSandbox", "Yams", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .executableTarget(
      name: "lumen",
      dependencies: [
        "LumenCore", "LumenDICOM", "LumenFormats", "LumenRadiomics", "LumenLearning", "LumenStore", "LumenPipeline",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: language),
    module(
      "Lumen",
      [
        "LumenCore", "LumenCodecs", "LumenDICOM", "LumenFormats", "LumenFilters", "LumenSegmentation", "LumenRadiomics",
        "LumenLearning", "LumenStore", "LumenPipeline",
      ]),
    .executableTarget(
      name: "make-fixtures", dependencies: ["LumenCore", "LumenDICOM", "LumenFormats"], path: "Tools/make-fixtures",
      swiftSettings: language),

    tests("LumenCoreTests", ["LumenCore"]),
    tests("LumenCodecsTests", ["LumenCore", "LumenCodecs"]),
    tests("LumenDICOMTests", ["LumenCore", "LumenCodecs", "LumenDICOM"]),
    tests("LumenFormatsTests", ["LumenCore", "LumenCodecs", "LumenDICOM", "LumenFormats"]),
    tests("LumenFiltersTests", ["LumenCore", "LumenFilters"]),
    tests("LumenSegmentationTests", ["LumenCore", "LumenSegmentation"]),
    tests("LumenRadiomicsTests", ["LumenCore", "LumenFormats", "LumenRadiomics"]),
    tests("LumenLearningTests", ["LumenCore", "LumenLearning"]),
    tests("LumenStoreTests", ["LumenCore", "LumenStore"]),
    tests(
      "LumenPipelineTests",
      [
        "LumenCore", "LumenDICOM", "LumenFormats", "LumenFilters", "LumenRadiomics", "LumenLearning", "LumenStore",
        "LumenPipeline", "lumen",
      ]),
  ],
  cxxLanguageStandard: .cxx17
)
