// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@Suite("Feature table · exact text")
struct FeatureTableTests {
  let mean = FeatureColumn(
    key: "stat_mean", name: "mean", code: "Q4LE", family: "intensity-based statistics", unit: "intensity",
    definition: "Σ x / N")
  let contrast = FeatureColumn(
    key: "cm_contrast_3D:avg", name: "contrast", code: "ACUI", family: "GLCM", definition: "Σ (i − j)² p",
    aggregation: "3D:avg")
  let own = FeatureColumn(key: "own", name: "own", code: nil, family: "other", definition: "a paper")

  var table: FeatureTable {
    var t = FeatureTable()
    t.declare([mean, contrast])
    t.append(
      .init(id: "1.2.3", roi: "lesion, left", labels: [("modality", "CT")]),
      [FeatureValue(contrast, 0.1), FeatureValue(mean, -12)])
    t.append(.init(id: "1.2.4", status: "failed", error: "slice 3 says \"cut\"", labels: [("recipe", "ab12")]))
    t.append(.init(id: "1.2.5", labels: [("recipe", "ab12")]), [FeatureValue(mean, .nan), FeatureValue(own, 1e-9)])
    return t
  }

  @Test func wide() {
    #expect(
      table.wideCSV == """
        id,roi,status,error,modality,recipe,stat_mean,cm_contrast_3D:avg,own
        1.2.3,"lesion, left",ok,,CT,,-12,0.1,
        1.2.4,,failed,"slice 3 says ""cut\""",,ab12,,,
        1.2.5,,ok,,,ab12,nan,,1e-09

        """)
  }

  @Test func long() {
    #expect(
      table.longCSV == """
        id,roi,status,error,feature,code,family,aggregation,value,unit
        1.2.3,"lesion, left",ok,,stat_mean,Q4LE,intensity-based statistics,-,-12,intensity
        1.2.3,"lesion, left",ok,,cm_contrast_3D:avg,ACUI,GLCM,3D:avg,0.1,
        1.2.4,,failed,"slice 3 says ""cut\""",,,,,,
        1.2.5,,ok,,stat_mean,Q4LE,intensity-based statistics,-,nan,intensity
        1.2.5,,ok,,own,,other,-,1e-09,

        """)
  }

  @Test func bothReadBackAsCSV() throws {
    let wide = try CSV(table.wideCSV)
    #expect(wide.rows.count == 3 && wide.rows[1][3] == "slice 3 says \"cut\"")
    #expect(try CSV(table.longCSV).rows.count == 5)
  }

  @Test func columnsKeepTheirFirstPlace() {
    #expect(table.columns.map(\.key) == ["stat_mean", "cm_contrast_3D:avg", "own"])
    var t = table
    t.declare([own, mean])
    #expect(t.columns.count == 3 && t == table)
  }

  @Test func measuredRowsAndEquality() {
    #expect(table.measured.map(\.id) == ["1.2.3", "1.2.5"])
    #expect(table == table, "NaN equals NaN here")
    #expect(table.rows[0].label("modality") == "CT" && table.rows[0].label("recipe") == "")
    var row = table.rows[0]
    row.values["stat_mean"] = -13
    #expect(row != table.rows[0])
  }

  @Test func anEmptyTableHasItsHeader() {
    #expect(FeatureTable().wideCSV == "id,roi,status,error\n")
  }
}
