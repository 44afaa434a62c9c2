// SPDX-License-Identifier: Apache-2.0
// `import Lumen` is all a program needs.
@_exported import LumenCodecs
@_exported import LumenCore
@_exported import LumenDICOM
@_exported import LumenFilters
@_exported import LumenFormats
@_exported import LumenLearning
@_exported import LumenPipeline
@_exported import LumenRadiomics
@_exported import LumenSegmentation
@_exported import LumenStore
