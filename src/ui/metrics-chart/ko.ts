import { str } from '@lit/localize';

export const templates = {
  'chart.accuracy': '정확도',
  'chart.loss': '손실',
  'chart.empty': '첫 에포크가 끝나면 곡선이 그려집니다.',
  'chart.broken': '그래프를 불러오지 못했습니다. 아래 표에 같은 수치가 있습니다.',
  'chart.log': '로그 눈금',
  'chart.table': '표',
  'chart.table-region': str`${0}, 표`,
  'chart.at-epoch': str`에포크 ${0}`,
  'chart.validation': '검증',
  'chart.training': '학습',
  'chart.describe': str`에포크별 ${0}`,
  'chart.describe-last': str`${0}: 에포크 ${2} 뒤 검증 ${1}`,
  'chart.describe-best': str`가장 좋은 에포크 ${0}, ${1}`,
  'chart.best': str`최고, 에포크 ${0}`,
  'chart.best-mark': '최고',
  'chart.epoch': '에포크',
};
