// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Whom the images are of. The store is the only place that holds these fields.
public struct PatientRecord: Sendable, Equatable {
  /// Patient ID (0010,0020), or any stable name where there is none; not empty.
  public var id: String
  /// Patient's Name (0010,0010).
  public var name: String
  /// Patient's Sex (0010,0040): M, F, O or "".
  public var sex: String
  /// Patient's Birth Date (0010,0030), YYYYMMDD or "".
  public var birthDate: String

  /// A patient.
  public init(id: String, name: String = "", sex: String = "", birthDate: String = "") {
    self.id = id
    self.name = name
    self.sex = sex
    self.birthDate = birthDate
  }
}

/// One examination of a patient.
public struct StudyRecord: Sendable, Equatable {
  /// Study Instance UID (0020,000D), or any unique name; not empty.
  public var uid: String
  /// Study Date (0008,0020), YYYYMMDD or "".
  public var date: String
  /// Study Description (0008,1030).
  public var description: String
  /// Accession Number (0008,0050).
  public var accession: String

  /// A study.
  public init(uid: String, date: String = "", description: String = "", accession: String = "") {
    self.uid = uid
    self.date = date
    self.description = description
    self.accession = accession
  }
}

/// One series of images of a study.
public struct SeriesRecord: Sendable, Equatable {
  /// Series Instance UID (0020,000E), or any unique name; not empty.
  public var uid: String
  /// Series Number (0020,0011).
  public var number: Int?
  /// Modality (0008,0060).
  public var modality: String
  /// Series Description (0008,103E).
  public var description: String
  /// Size, spacing and orientation in words.
  public var geometry: String
  /// Where the images were read from.
  public var source: String

  /// A series.
  public init(
    uid: String, number: Int? = nil, modality: String = "", description: String = "", geometry: String = "",
    source: String = ""
  ) {
    self.uid = uid
    self.number = number
    self.modality = modality
    self.description = description
    self.geometry = geometry
    self.source = source
  }
}

/// A conclusion about a region: a score, a class, a model's prediction.
public struct FindingRecord: Sendable, Equatable {
  /// What sort of conclusion, e.g. "diagnosis".
  public var kind: String
  /// The conclusion in words.
  public var text: String
  /// Probability 0 … 1, where the finding has one.
  public var probability: Double?
  /// Hash of the model that made it, "" for a rule.
  public var model: String
  /// What it may be used for.
  public var disclaimer: String

  /// A finding.
  public init(kind: String, text: String, probability: Double? = nil, model: String = "", disclaimer: String = "") {
    self.kind = kind
    self.text = text
    self.probability = probability
    self.model = model
    self.disclaimer = disclaimer
  }
}

/// Everything known about one finished case: one region of one series, measured with one recipe.
public struct CaseRecord: Sendable, Equatable {
  /// Whom the images are of.
  public var patient: PatientRecord
  /// The examination.
  public var study: StudyRecord
  /// The images.
  public var series: SeriesRecord
  /// Name of the region of interest.
  public var roi: String
  /// Hash of the recipe that measured it.
  public var recipeHash: String
  /// The measured values; a column appears once. Read back in the order in which the store first saw the columns.
  public var values: [FeatureValue]
  /// The conclusions, in order.
  public var findings: [FindingRecord]
  /// "ok" or "failed".
  public var status: String
  /// Why it failed; "" otherwise.
  public var error: String
  /// When it was recorded, e.g. 2026-05-01T12:00:00Z.
  public var at: String

  /// A case.
  public init(
    patient: PatientRecord, study: StudyRecord, series: SeriesRecord, roi: String, recipeHash: String,
    values: [FeatureValue] = [], findings: [FindingRecord] = [], status: String = "ok", error: String = "", at: String
  ) {
    self.patient = patient
    self.study = study
    self.series = series
    self.roi = roi
    self.recipeHash = recipeHash
    self.values = values
    self.findings = findings
    self.status = status
    self.error = error
    self.at = at
  }
}

/// One line of the list of cases.
public struct CaseSummary: Sendable, Equatable {
  /// The case's number in this store, for ``CaseStore/show(_:)``.
  public let id: Int
  /// Patient ID.
  public let patientID: String
  /// Patient's name.
  public let patientName: String
  /// Study date, YYYYMMDD or "".
  public let studyDate: String
  /// Study description.
  public let studyDescription: String
  /// Study Instance UID.
  public let studyUID: String
  /// Series Instance UID.
  public let seriesUID: String
  /// Modality.
  public let modality: String
  /// Region of interest.
  public let roi: String
  /// Hash of the recipe.
  public let recipeHash: String
  /// "ok" or "failed".
  public let status: String
  /// Why it failed; "" otherwise.
  public let error: String
  /// When it was recorded.
  public let at: String
  /// Number of measured values.
  public let valueCount: Int
  /// Number of findings.
  public let findingCount: Int
}

/// One region of a patient at one time.
public struct HistoryEntry: Sendable, Equatable {
  /// The case's number in this store.
  public let caseID: Int
  /// Study date, YYYYMMDD or "".
  public let studyDate: String
  /// The case with its values and findings.
  public let record: CaseRecord
}
