// SPDX-License-Identifier: Apache-2.0
import Dispatch
import GRDB
import LumenCore
import Synchronization
import Testing

@testable import LumenStore

@Suite("Case store · property: what is recorded is read back")
struct RecordTests {
  let folder = Folder()

  @Test func roundTrip() throws {
    let c = sampleCase()
    do {
      let store = try openStore(folder.file("a.sqlite"))
      try store.record(c)
    }
    let store = try openStore(folder.file("a.sqlite"))
    let list = try store.cases()
    #expect(list.count == 1)
    let first = try #require(list.first)
    #expect(first.patientID == "P1" && first.valueCount == 5 && first.findingCount == 2 && first.studyUID == "1.2.3")
    #expect(try store.show(first.id) == c)
    #expect(try store.patient("P1") == c.patient)
    #expect(try store.history(patientID: "P1").map(\.record) == [c])
  }

  @Test func notANumberComesBack() throws {
    let store = try openStore(folder.file("a.sqlite"))
    var c = sampleCase()
    c.values = [FeatureValue(featureColumn("volume"), .nan), FeatureValue(featureColumn("area"), 2)]
    try store.record(c)
    let values = try store.show(1).values
    #expect(values.count == 2 && values[0].value.isNaN && values[1].value == 2)
    #expect(try store.verifyAudit() > 0)
  }

  @Test func recordingAgainReplaces() throws {
    let store = try openStore(folder.file("a.sqlite"))
    try store.record(sampleCase())
    let entries = try store.auditHead()
    try store.record(sampleCase())
    #expect(try store.auditHead() == entries, "the same content leaves no trace")
    var c = sampleCase(volume: 13, at: "2026-05-02T12:00:00Z")
    c.values.removeLast(2)
    c.findings = []
    try store.record(c)
    #expect(try store.cases().count == 1)
    #expect(try store.show(1) == c)
    #expect(try store.auditHead().count == entries.count + 1)
    try store.record(sampleCase(recipe: "other"))
    try store.record(sampleCase(roi: "lymph node"))
    #expect(try store.cases().count == 3)
    #expect(try store.verifyAudit() == store.auditHead().count)
  }

  @Test func emptyFieldsDoNotErase() throws {
    let store = try openStore(folder.file("a.sqlite"))
    try store.record(sampleCase())
    var c = sampleCase(roi: "second")
    c.patient.name = ""
    c.series.number = nil
    c.study.description = "corrected"
    try store.record(c)
    let back = try store.show(2)
    #expect(back.patient.name == "Müller^Änne" && back.series.number == 3 && back.study.description == "corrected")
  }

  @Test func historyIsOrderedByDate() throws {
    let store = try openStore(folder.file("a.sqlite"))
    let dates = ["20260301", "", "20250101", "20260101"]
    for (i, date) in dates.enumerated() {
      for roi in ["b", "a"] {
        try store.record(
          sampleCase(study: "1.\(i)", date: date, series: "1.\(i).1", roi: roi, volume: Double(i)))
      }
    }
    try store.record(sampleCase(patient: "P2", study: "9", series: "9.1"))
    let history = try store.history(patientID: "P1")
    #expect(
      history.map(\.studyDate) == ["20250101", "20250101", "20260101", "20260101", "20260301", "20260301", "", ""])
    #expect(history.map(\.record.roi) == ["a", "b", "a", "b", "a", "b", "a", "b"])
    let volumes = try store.history(patientID: "P1", roi: "a").map {
      $0.record.values.first { $0.column.key == "volume" }?.value
    }
    #expect(volumes == [2, 3, 0, 1])
  }

  @Test func searchFindsPartsInAnyCase() throws {
    let store = try openStore(folder.file("a.sqlite"))
    try store.record(sampleCase())
    var other = sampleCase(patient: "Q_7", study: "5", series: "5.1")
    other.patient.name = "Smith^John"
    other.study.description = "MR"
    try store.record(other)
    #expect(try store.cases(matching: "mÜLLER").map(\.patientID) == ["P1"])
    #expect(try store.cases(matching: "100 %").count == 1)
    #expect(try store.cases(matching: "%").count == 1)
    #expect(try store.cases(matching: "q_").map(\.patientID) == ["Q_7"])
    #expect(try store.cases(matching: "_").count == 1)
    #expect(try store.cases(matching: "'; DROP TABLE patient; --").isEmpty)
    #expect(try store.cases(matching: "").count == 2)
  }

  @Test func sameKeyWithAnotherMeaningStaysApart() throws {
    let store = try openStore(folder.file("a.sqlite"))
    var a = sampleCase(), b = sampleCase(roi: "second")
    a.values = [FeatureValue(featureColumn("d", unit: "mm"), 1)]
    b.values = [FeatureValue(featureColumn("d", unit: "cm"), 1)]
    try store.record(a)
    try store.record(b)
    #expect(try store.show(1).values[0].column.unit == "mm")
    #expect(try store.show(2).values[0].column.unit == "cm")
  }

  @Test func refusedCasesLeaveNothing() throws {
    let store = try openStore(folder.file("a.sqlite"))
    try store.record(sampleCase())
    let head = try store.auditHead()
    let stolenStudy = sampleCase(patient: "P9-secret", series: "77")
    let stolenSeries = sampleCase(study: "78")
    var twice = sampleCase(patient: "P3", study: "3", series: "3.1")
    twice.values.append(twice.values[0])
    let nameless = sampleCase(patient: "", study: "4", series: "4.1")
    for c in [stolenStudy, stolenSeries, twice, nameless] {
      let error = failure { () throws(ImageError) in try store.record(c) }
      #expect(error?.kind == .invalidParameter)
      #expect(error.map { !"\($0)".contains("secret") && !"\($0)".contains("ller") } == true)
    }
    #expect(try store.auditHead() == head)
    #expect(try store.cases().count == 1)
    #expect(failure { () throws(ImageError) in try store.patient("P9-secret") }?.kind == .notFound)
    #expect(failure { () throws(ImageError) in try store.show(99) }?.kind == .notFound)
  }

  @Test func aTransactionThatFailsIsRolledBack() throws {
    struct Killed: Error {}
    let store = try openStore(folder.file("a.sqlite"))
    try store.record(sampleCase())
    let head = try store.auditHead()
    let c = sampleCase(patient: "P2", study: "2", series: "2.1", volume: 1)
    #expect(throws: ImageError.self) {
      try store.write { db in
        _ = try store.record(db, c, [:])
        throw Killed()
      }
    }
    #expect(try store.auditHead() == head)
    #expect(try store.cases().map(\.patientID) == ["P1"])
    try store.record(c)
    #expect(try store.show(2) == c)
    #expect(try store.verifyAudit() == store.auditHead().count)
  }

  @Test func threadsAndStoresRecordAtOnce() throws {
    let path = folder.file("a.sqlite")
    let stores = [try openStore(path), try openStore(path)]
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { t in
      for i in 0..<25 {
        do {
          try stores[t % 2].record(
            sampleCase(patient: "P\(i % 5)", study: "\(i % 5)", series: "\(i % 5).\(t)", roi: "r\(i)"))
          _ = try stores[(t + 1) % 2].cases(matching: "P1")
        } catch { failures.withLock { $0.append("\(error)") } }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(try stores[0].cases().count == 100)
    #expect(try stores[1].verifyAudit() == 5 + 5 + 20 + 100 + 5)
  }
}
