// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the harness and the peers never reach users.
let package = Package(
  name: "LumenBenchmarks",
  dependencies: [.package(name: "Lumen", path: "..")],
  targets: [
    .executableTarget(
      name: "lumen-bench", dependencies: [.product(name: "Lumen", package: "Lumen")],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny")])
  ]
)
