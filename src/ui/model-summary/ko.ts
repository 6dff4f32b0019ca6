import { str } from '@lit/localize';

export const templates = {
  'summary.empty': '고른 구조가 없습니다.',
  'summary.title': str`${0}, 층별로`,
  'summary.input': str`입력 ${0} × ${1} × ${2}, 클래스 ${3}개`,
  'summary.params': '전체 파라미터',
  'summary.trainable': '학습되는 파라미터',
  'summary.frozen': '고정된 파라미터',
  'summary.macs': '사진 한 장의 MAC',
  'summary.flops': '사진 한 장의 FLOP',
  'summary.filters': '필터',
};
