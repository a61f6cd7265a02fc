#pragma once

#include "harvest/v1/control.grpc.pb.h"
#include "service/api/door.h"
#include "service/flow/control.h"

namespace harvest::api {

/// Thin handlers of the Teachers service. A probe holds its worker until the teacher has answered.
class TeachersApi final : public v1::Teachers::CallbackService {
 public:
  TeachersApi(const Door& door, flow::Control& control) : door_(door), control_(control) {}

  grpc::ServerUnaryReactor* ListTeachers(grpc::CallbackServerContext*, const v1::ListTeachersRequest*,
                                         v1::ListTeachersReply*) override;
  grpc::ServerUnaryReactor* PauseTeacher(grpc::CallbackServerContext*, const v1::TeacherCommand*,
                                         v1::TeacherStatus*) override;
  grpc::ServerUnaryReactor* ResumeTeacher(grpc::CallbackServerContext*, const v1::TeacherCommand*,
                                          v1::TeacherStatus*) override;
  grpc::ServerUnaryReactor* ProbeTeacher(grpc::CallbackServerContext*, const v1::ProbeRequest*,
                                         v1::ProbeReply*) override;
  grpc::ServerUnaryReactor* ImportPrices(grpc::CallbackServerContext*, const v1::ImportPricesRequest*,
                                         v1::ListTeachersReply*) override;
  grpc::ServerUnaryReactor* ListAlerts(grpc::CallbackServerContext*, const v1::ListAlertsRequest*,
                                       v1::ListAlertsReply*) override;
  grpc::ServerUnaryReactor* DecideAlert(grpc::CallbackServerContext*, const v1::DecideAlertRequest*,
                                        v1::RightsAlert*) override;

 private:
  const Door& door_;
  flow::Control& control_;
};

}  // namespace harvest::api
