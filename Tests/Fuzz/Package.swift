// swift-tools-version: 6.2
import PackageDescription

// A package of its own: it is built with the fuzzer's instrumentation, which users never see.
let package = Package(
  name: "LumenFuzz",
  dependencies: [.package(name: "Lumen", path: "../..")],
  targets: [
    .executableTarget(
      name: "lumen-fuzz", dependencies: [.product(name: "Lumen", package: "Lumen")],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny")])
  ]
)
